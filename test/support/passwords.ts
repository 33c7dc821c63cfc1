/** Passwords in tests: people who have one, reset mails, a list of breached ones, and what a refused call must leave alone. */
import assert from 'node:assert/strict'
import { hash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyPassword } from '../../src/crypto/passwords/hash.ts'
import { parseImportedHash } from '../../src/crypto/passwords/imported.ts'
import { breachCheck } from '../../src/domain/passwords/breach.ts'
import { lane } from '../../src/store/lane.ts'
import { SECOND } from '../../src/values/time.ts'
import { succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import { newDirectory } from './program.ts'
import type { Credentials, TestProject, World } from './world.ts'

export const strong = 'x9!fwQ0zPl#Wm7'
export const stronger = 'Vh3^dkR8tu$Ybn'
export const weak = 'password1'

/** An address that nobody has. */
export function newEmail(): string {
  return `${randomUUID()}@example.com`
}

/** Somebody with a password and a session; `email` is the address. */
export async function signUp(here: World, project: Credentials, body: object = {}) {
  const email = newEmail()
  const given = { email, password: strong, session_duration_minutes: 60, ...body }
  return { email, ...(await succeed(here, project, 'POST /v1/passwords', given)) }
}

/** Asks for a reset mail, a second after whatever was before; `token` and `login` are those of its two links. */
export async function mailReset(here: World, project: Credentials, email: string, body: object = {}) {
  here.clock.advance(SECOND)
  const reply = await succeed(here, project, 'POST /v1/passwords/email/reset/start', { email, ...body })
  const { links } = await lastMessage(here, email, project)
  const [token, login] = links.map((link) => link.token)
  assert.ok(token)
  return { ...reply, token, login, links }
}

/** Sets parts of the password strength configuration. */
export async function configure(here: World, { path }: TestProject, change: object): Promise<void> {
  const { password_strength_config } = await succeed(here, here.workspace, `GET ${path}/password_strength_config`)
  await succeed(here, here.workspace, `PUT ${path}/password_strength_config`, {
    ...password_strength_config,
    ...change,
  })
}

/** While `work` runs, these passwords are known from a breach. */
export async function whileBreached<T>(here: World, passwords: string[], work: () => Promise<T>): Promise<T> {
  const path = join(newDirectory(), 'breached.txt')
  writeFileSync(path, breachedLines(passwords))
  const { passwords: parts } = here.app
  const before = parts.isBreached
  parts.isBreached = breachCheck({ kind: 'file', path }, here.app)
  try {
    return await work()
  } finally {
    parts.isBreached = before
  }
}

/** While `work` runs, `then` happens right after that step of the work on a password, before the call goes on. */
export async function happeningAfter<T>(
  here: World,
  step: 'hash' | 'verify' | 'isBreached',
  then: () => unknown,
  work: () => Promise<T>,
): Promise<T> {
  const parts = here.app.passwords as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const before = parts[step]
  assert.ok(before)
  parts[step] = async (...given) => {
    const result = await before(...given)
    await then()
    return result
  }
  try {
    return await work()
  } finally {
    parts[step] = before
  }
}

/**
 * Runs `work` while passwords are verified so many at once, and so many may wait, of which nobody has more than are free; none is done before `arrivals` have been
 * asked for.
 */
export async function whileHashing<T>(
  here: World,
  { at_once, queue, arrivals }: { at_once: number; queue: number; arrivals: number },
  work: () => Promise<T>,
): Promise<T> {
  const { passwords: parts } = here.app
  const before = parts.verify
  const turns = lane({ width: at_once, longest_queue: queue, longest_wait: Number.POSITIVE_INFINITY })
  const all = Promise.withResolvers<void>()
  let arrived = 0
  parts.verify = (project_id, stored, password) => {
    if (++arrived === arrivals) all.resolve()
    return turns.run(project_id, () => all.promise.then(() => before(project_id, stored, password)))
  }
  try {
    return await work()
  } finally {
    parts.verify = before
  }
}

/** While `work` runs, passwords are hashed in no time, by a scheme that is none of ours; each login hashes them anew. */
export async function whileHashingIsCheap<T>(here: World, work: () => Promise<T>): Promise<T> {
  const { passwords: parts } = here.app
  const before = { ...parts }
  parts.hash = async (_, password) => parseImportedHash('sha_512', hash('sha512', password, 'hex'), {})
  parts.verify = async (_, stored, password) => stored !== undefined && verifyPassword(stored, password)
  try {
    return await work()
  } finally {
    Object.assign(parts, before)
  }
}

/** Lines as the downloaders of Have I Been Pwned write them. */
export function breachedLines(passwords: string[]): string {
  return passwords
    .map((password) => `${hash('sha1', password, 'hex').toUpperCase()}:7\r\n`)
    .sort()
    .join('')
}

/** Everything a project has stored that a refused call could have touched. */
export async function traces({ app }: World, { id }: Credentials): Promise<unknown> {
  const rows = (table: string, order: string) =>
    app.store.read.selectFrom(table).selectAll().where('project_id', '=', id).orderBy(order).execute()
  return {
    users: await rows('users', 'user_id'),
    members: await rows('members', 'member_id'),
    intermediate: await rows('intermediate_sessions', 'token_hash'),
    identifiers: await rows('identifiers', 'value'),
    passwords: await rows('passwords', 'owner_id'),
    tokens: await rows('one_time_tokens', 'token_hash'),
    messages: await rows('messages', 'message_id'),
    failures: await rows('failed_attempts', 'owner_id'),
    sessions: await rows('sessions', 'session_id'),
  }
}

/** Expects `work` to leave no trace. */
export async function leavingNoTrace<T>(here: World, project: Credentials, work: () => Promise<T>): Promise<T> {
  const before = await traces(here, project)
  const result = await work()
  assert.deepEqual(await traces(here, project), before)
  return result
}

/** The row of a password. */
export function storedPassword({ app }: World, project: Credentials, user_id: string) {
  return app.store.read
    .selectFrom('passwords')
    .selectAll()
    .where('project_id', '=', project.id)
    .where('owner_id', '=', user_id)
    .executeTakeFirst()
}
