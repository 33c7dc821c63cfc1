/** Messages to people: written in the transaction of the code or link they carry, sent afterwards (reference: wire.md §9). */
import { randomUUIDv7 } from 'node:crypto'
import type { Channel, Letter, Words } from '../../delivery/message.ts'
import { render } from '../../delivery/words.ts'
import { fail } from '../../errors.ts'
import { MINUTE } from '../../values/time.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { EmailTemplate } from '../email_templates/row.ts'
import { refuseSuppressed } from './suppression.ts'
import {
  deleteMessages,
  insertMessage,
  type MessageRow,
  type MessageState,
  type SealedContent,
  selectInbox,
  selectSealedContents,
  updateSealedContent,
} from './table.ts'
import { dressed } from './template.ts'

const purpose = 'message'

/** A message as an inbox shows it. */
export type InboxMessage = Pick<MessageRow, 'project_id' | 'message_id' | 'channel' | 'template' | 'locale'> &
  Pick<Letter, 'code' | 'links'> &
  Words & { to: string; created_at: number }

/**
 * Queues a message; belongs into the transaction that makes the code or link. Without a transport for the channel a test
 * environment keeps it in the inbox. A live one refuses with `downstream_carrier_error`, so nothing is promised that
 * nobody sends. An email wears the template that the request has named, or else the default of the project. Refuses as
 * `refuseSuppressed` does.
 */
export async function sendMessage(
  app: App,
  environment: Environment,
  to: string,
  letter: Omit<Letter, 'project_name'>,
  named?: EmailTemplate,
): Promise<void> {
  const { project_id, type, project_name } = environment
  const { channel, template, locale, minutes } = letter
  const state = await checkSendable(app, environment, channel, to)
  const now = app.now()
  const message_id = `message-${type === 'LIVE' ? 'live' : 'test'}-${randomUUIDv7()}`
  const plain: Letter = { ...letter, project_name }
  const content = channel === 'email' ? await dressed(app, environment, to, plain, named) : plain
  await insertMessage(app.store, {
    project_id,
    message_id,
    channel,
    recipient: to,
    template,
    locale,
    sealed_content: app.keyring.seal(purpose, `${project_id} ${message_id}`, JSON.stringify(content)),
    state,
    attempts: 0,
    next_attempt_at: now,
    claim: null,
    claimed_until: 0,
    problem: null,
    created_at: now,
    expires_at: now + minutes * MINUTE,
  })
  if (state === 'waiting') app.wake_dispatcher()
}

/**
 * What becomes of a message that is queued now. Refuses as `sendMessage` does, for those who must know before they write
 * anything.
 */
export async function checkSendable(
  app: App,
  environment: Environment,
  channel: Channel,
  to: string,
): Promise<MessageState> {
  const state = stateFor(app, environment, channel)
  await refuseSuppressed(app, environment, channel, to)
  return state
}

function stateFor(app: App, { project_id, type }: Environment, channel: Channel): MessageState {
  if (type === 'TEST' && app.settings.delivery.test_inbox === 'always') return 'inbox'
  if (app.transports[channel]) return 'waiting'
  if (type === 'TEST') return 'inbox'
  app.log.error({ project_id, channel }, `A live environment cannot send: no transport for ${channel} is configured.`)
  fail('downstream_carrier_error', `This server has no carrier for ${channel}; its operator has to configure one.`)
}

/** What a row says. */
export function letterOf(app: App, { project_id, message_id, sealed_content }: MessageRow): Letter {
  if (sealed_content === null) throw new Error('The content of the message has been erased.')
  return JSON.parse(app.keyring.open(purpose, `${project_id} ${message_id}`, sealed_content)) as Letter
}

/** The messages that test environments have captured, newest first. `to` is an email address or a phone number. */
export async function listInbox(
  app: App,
  { to, project_id, limit }: { to?: string | undefined; project_id?: string | undefined; limit: number },
): Promise<InboxMessage[]> {
  const rows = await selectInbox(app.store, { to: to?.trim().toLowerCase(), project_id, limit })
  return rows.map((row) => {
    const letter = letterOf(app, row)
    const { project_id, message_id, channel, recipient, template, locale, created_at } = row
    const { code, links } = letter
    return {
      project_id,
      message_id,
      created_at,
      channel,
      to: recipient,
      template,
      locale,
      code,
      links,
      ...render(letter),
    }
  })
}

/** Seals the contents of all messages under the current master key and returns how many were not before. */
export async function resealMessages(app: App, batchSize: number): Promise<number> {
  let resealed = 0
  let last: SealedContent | undefined
  do {
    const contents = await selectSealedContents(app.store, last, batchSize)
    const outdated = contents.filter(({ sealed_content }) => !app.keyring.isCurrent(sealed_content))
    await app.transaction(async ({ store, keyring }) => {
      for (const content of outdated) {
        const place = `${content.project_id} ${content.message_id}`
        const letter = keyring.open(purpose, place, content.sealed_content)
        await updateSealedContent(store, content, keyring.seal(purpose, place, letter))
      }
    })
    resealed += outdated.length
    last = contents.at(-1)
  } while (last)
  return resealed
}

/** Removes at most `limit` messages made before that time and returns how many; those still waiting stay. */
export function purgeMessages(app: App, time: number, limit: number): Promise<number> {
  return deleteMessages(app.store, time, limit)
}
