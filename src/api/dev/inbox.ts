/** GET /dev/inbox: a page that shows the messages of test environments as they arrive. */
import { inboxDocument } from '../../pages/inbox.ts'
import { page } from '../page.ts'

export const inbox = page({
  route: 'GET /dev/inbox',
  caller: 'workspace',
  run: async () => ({ document: inboxDocument() }),
})
