/** Magic links in tests: asked for, read from the inbox, and what a refused call must have left alone. */
import { randomUUID } from 'node:crypto'
import { SECOND } from '../../src/values/time.ts'
import { type Answer, succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import type { Credentials, World } from './world.ts'

export const registeredUrl = 'http://localhost:3000/authenticate'

/** An address that nobody has. */
export function newAddress(): string {
  return `${randomUUID()}@example.com`
}

/** Asks for a link, a second after whatever was before, and returns the reply with the token of the mail. */
export async function mailedLink(
  here: World,
  project: Credentials,
  email: string,
  fields: object = {},
  flow: 'send' | 'login_or_create' | 'invite' = 'login_or_create',
): Promise<Answer['body'] & { token: string }> {
  here.clock.advance(SECOND)
  const reply = await succeed(here, project, `POST /v1/magic_links/email/${flow}`, { email, ...fields })
  const { links } = await lastMessage(here, email, project)
  return { ...reply, token: links[0]?.token as string }
}

/** Everything a project has stored that a refused call could have touched. */
export async function traces({ app }: World, { id }: Credentials): Promise<unknown> {
  const rows = (table: string, order: string) =>
    app.store.read.selectFrom(table).selectAll().where('project_id', '=', id).orderBy(order).execute()
  return {
    users: await rows('users', 'user_id'),
    organizations: await rows('organizations', 'organization_id'),
    members: await rows('members', 'member_id'),
    intermediate: await rows('intermediate_sessions', 'token_hash'),
    codes: await rows('one_time_codes', 'code_id'),
    identifiers: await rows('identifiers', 'value'),
    provisional: await rows('provisional_contacts', 'contact_id'),
    tokens: await rows('one_time_tokens', 'token_hash'),
    messages: await rows('messages', 'message_id'),
    counters: await rows('counters', 'subject'),
    failures: await rows('failed_attempts', 'owner_id'),
    sessions: await rows('sessions', 'session_id'),
    events: await rows('events', 'event_id'),
  }
}
