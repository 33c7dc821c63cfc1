/** What people have been sent: the messages that test environments keep. */
import assert from 'node:assert/strict'
import { type InboxMessage, listInbox } from '../../src/domain/messages/message.ts'
import type { Credentials, World } from './world.ts'

/** The messages to an address or number, newest first; of one project when given. */
export function messagesTo({ app }: World, to: string, project?: Credentials): Promise<InboxMessage[]> {
  return listInbox(app, { to, project_id: project?.id, limit: 1000 })
}

/** The newest message to an address or number; of one project when given. Fails when there is none. */
export async function lastMessage(here: World, to: string, project?: Credentials): Promise<InboxMessage> {
  const [message] = await messagesTo(here, to, project)
  return message ?? assert.fail(`Nothing was sent to ${to}.`)
}
