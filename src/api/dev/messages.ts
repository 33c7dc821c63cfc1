/** GET /dev/messages: the messages that test environments have captured instead of sending them. */
import { z } from 'zod'
import { listInbox } from '../../domain/messages/message.ts'
import { Message, messageToWire } from '../../wire/message.ts'
import { maybe } from '../../wire/shape.ts'
import { operation } from '../operation.ts'

const text = z.string().regex(/^\P{Cc}*$/u, 'no control characters are allowed')

export const messages = operation({
  route: 'GET /dev/messages',
  name: 'selvage_dev_v1_Messages',
  sdk: '',
  summary: 'Lists the messages in the inboxes of test environments, newest first.',
  caller: 'workspace',
  query: { to: maybe(text), project_id: maybe(text), limit: z.coerce.number().int().min(1).max(1000).default(100) },
  reply: { messages: z.array(Message) },
  async run(app, { query }) {
    return { messages: (await listInbox(app, query)).map(messageToWire) }
  },
})
