/** User search against a plain model of it: random users, random queries, random pages. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { User } from '../../../src/domain/users/row.ts'
import { searchUsers } from '../../../src/domain/users/search/search.ts'
import { changeUser, createUser } from '../../../src/domain/users/user.ts'
import type { JsonObject } from '../../../src/values/json.ts'
import { MINUTE } from '../../../src/values/time.ts'
import { onBothEngines, type World, world } from '../../support/world.ts'

const seed = 20260
const epoch = Date.parse('2031-05-01T12:00:00Z')

/** A filter and whether it holds for a user, said as simply as possible. */
type Question = { operand: JsonObject; holds: (user: User) => boolean }

const names = ['Ada', 'ADAM', 'Grace', 'Zoë', "O'Hara", '100% ab', 'a_b_c', 'a\\b\\c', 'new\nline', 'Ada Lovelace', '']
const domains = ['example.com', 'sub.example.com', 'xample.com', 'example.org']
const providers = ['Google', 'GitHub', 'TikTok']
const flag = fc.option(fc.boolean(), { nil: undefined })
const maybeName = fc.constantFrom(...names)

const person = fc.record({
  // Few times, so that many users share one.
  created_at: fc.integer({ min: 0, max: 4 }).map((step) => epoch + step * 400),
  status: fc.constantFrom('active' as const, 'pending' as const),
  name: fc.record({ first_name: maybeName, middle_name: maybeName, last_name: maybeName }),
  mailbox: fc.constantFrom('ada', 'a%d', 'a_d', 'bob', 'grace.h'),
  domain: fc.constantFrom(...domains),
  has_external_id: fc.boolean(),
  email: flag,
  phone: flag,
  totp: flag,
  webauthn: flag,
  biometric: flag,
  wallet: flag,
  providers: fc.subarray(providers),
  password: fc.boolean(),
})

/** Stores people; everybody gets a number that makes what is unique unique. */
async function populate(here: World, people: ReturnType<typeof draw>): Promise<{ users: User[]; project_id: string }> {
  const { id: project_id } = await here.project()
  const environment = await here.app.environment(project_id)
  assert.ok(environment)
  const create = (given: (typeof people)[number], index: number): Promise<User> =>
    here.app.transaction(async (transaction) => {
      const app = { ...transaction, now: () => given.created_at }
      const user = await createUser(app, environment, {
        status: given.status,
        name: given.name,
        // Somebody without an address has a number, for one of them is required.
        email: given.email === undefined ? undefined : `${given.mailbox}${index}@${given.domain}`,
        email_verified: given.email,
        phone_number: given.phone === undefined && given.email !== undefined ? undefined : `+14155550${100 + index}`,
        external_id: given.has_external_id ? `person|${index}` : undefined,
      })
      const authenticator = { domain: '', user_agent: '', authenticator_type: '', name: '' }
      return changeUser(app, environment, user.user_id, (_, user) => ({
        ...user,
        phone_numbers: user.phone_numbers.map((phone) => ({ ...phone, verified: given.phone ?? false })),
        totps: list(given.totp, (verified) => ({ totp_id: `totp-${index}`, verified })),
        webauthn_registrations: list(given.webauthn, (verified) => ({
          webauthn_registration_id: `webauthn-${index}`,
          verified,
          ...authenticator,
        })),
        biometric_registrations: list(given.biometric, (verified) => ({
          biometric_registration_id: `biometric-${index}`,
          verified,
        })),
        crypto_wallets: list(given.wallet, (verified) => ({
          crypto_wallet_id: `wallet-${index}`,
          crypto_wallet_address: `0x${index}`,
          crypto_wallet_type: 'ethereum',
          verified,
        })),
        providers: given.providers.map((provider_type) => ({
          oauth_user_registration_id: randomUUID(),
          provider_type,
          provider_subject: '',
          profile_picture_url: '',
          locale: '',
        })),
        password: given.password ? { password_id: randomUUID(), requires_reset: false } : null,
      }))
    })
  const users = await Promise.all(people.map(create))
  return { users: users.sort(newestFirst), project_id }
}

function draw() {
  return fc.sample(person, { numRuns: 40, seed })
}

function list<T>(verified: boolean | undefined, entry: (verified: boolean) => T): T[] {
  return verified === undefined ? [] : [entry(verified)]
}

function newestFirst(a: User, b: User): number {
  return b.created_at - a.created_at || (a.user_id < b.user_id ? 1 : -1)
}

/** Questions about these users: values they have, in any case, pieces of them, and values nobody has. */
function questions(users: User[]): fc.Arbitrary<Question> {
  const question = (filter_name: string, filter_value: JsonObject[string], holds: Question['holds']): Question => ({
    operand: { filter_name, filter_value },
    holds,
  })
  const some = (values: string[], ...others: string[]) =>
    fc.uniqueArray(fc.constantFrom(...values, ...others), { minLength: 1, maxLength: 8 })
  const emails = users.flatMap((user) => user.emails)
  const phones = users.flatMap((user) => user.phone_numbers)
  const anyCase = (text: string) => fc.constantFrom(text, text.toLowerCase(), text.toUpperCase())
  const piece = (texts: string[]) =>
    fc
      .tuple(fc.constantFrom(...texts), fc.nat(4), fc.integer({ min: 3, max: 8 }))
      .map(([text, from, length]) => text.slice(from, from + length))
      .filter((text) => text.length >= 3)
  const whole = ({ name: { first_name, middle_name, last_name } }: User) => [
    first_name,
    middle_name,
    last_name,
    `${first_name} ${last_name}`,
  ]
  const includes = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase())
  // Times are compared as they are shown: to the second.
  const shown = ({ created_at }: User) => Math.floor(created_at / 1000) * 1000
  const time = fc.integer({ min: -1, max: 5 }).map((step) => epoch + step * 400)
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString()
  const verified = (name: string, entries: (user: User) => { verified: boolean }[]) =>
    fc.boolean().map((value) =>
      question(name, value, (user) => {
        const all = entries(user)
        return all.length > 0 && all.some((entry) => entry.verified) === value
      }),
    )

  return fc.oneof(
    time.map((at) => question('created_at_greater_than', iso(at), (user) => shown(user) > at)),
    time.map((at) => question('created_at_less_than', iso(at), (user) => shown(user) < at)),
    fc
      .tuple(time, time)
      .map(([after, before]) =>
        question(
          'created_at_between',
          { greater_than: iso(after), less_than: iso(before) },
          (user) => shown(user) > after && shown(user) < before,
        ),
      ),
    fc.constantFrom('active', 'pending').map((status) => question('status', status, (user) => user.status === status)),
    some(
      users.map(({ user_id }) => user_id),
      `user-test-${randomUUID()}`,
    ).map((ids) => question('user_id', ids, (user) => ids.includes(user.user_id))),
    some(
      users.flatMap(({ external_id }) => external_id ?? []),
      'nobody',
    ).map((ids) => question('user_id', ids, (user) => user.external_id !== null && ids.includes(user.external_id))),
    piece([...users.flatMap(whole), '%%%', '___', '\\\\\\', "' --"])
      .filter((text) => !text.includes('\n'))
      .chain(anyCase)
      .map((part) => question('full_name_fuzzy', part, (user) => whole(user).some((text) => includes(text, part)))),
    some(
      emails.flatMap(({ email }) => [email, email.toUpperCase()]),
      'nobody@example.com',
    ).map((values) =>
      question('email_address', values, (user) =>
        user.emails.some(({ email }) => values.some((value) => value.toLowerCase() === email)),
      ),
    ),
    piece([...emails.map(({ email }) => email), 'a%%', '%@example', '_@e'])
      .chain(anyCase)
      .map((part) =>
        question('email_address_fuzzy', part, (user) => user.emails.some(({ email }) => includes(email, part))),
      ),
    some([...domains, 'EXAMPLE.COM'], 'ample.com', '%.com', 'com').map((values) =>
      question('email_domain', values, (user) =>
        user.emails.some(({ email }) => values.some((value) => email.split('@')[1] === value.toLowerCase())),
      ),
    ),
    some(
      emails.map(({ email_id }) => email_id),
      'nobody',
    ).map((ids) => question('email_id', ids, (user) => user.emails.some(({ email_id }) => ids.includes(email_id)))),
    some(
      phones.map(({ phone_number }) => phone_number),
      '+1',
    ).map((values) =>
      question('phone_number', values, (user) =>
        user.phone_numbers.some(({ phone_number }) => values.includes(phone_number)),
      ),
    ),
    piece([...phones.map(({ phone_number }) => phone_number), '+1%', '+_4']).map((part) =>
      question('phone_number_fuzzy', part, (user) =>
        user.phone_numbers.some(({ phone_number }) => phone_number.includes(part)),
      ),
    ),
    verified('email_verified', (user) => user.emails),
    verified('phone_verified', (user) => user.phone_numbers),
    verified('totp_verified', (user) => user.totps),
    verified('webauthn_registration_verified', (user) => user.webauthn_registrations),
    verified('biometric_verified', (user) => user.biometric_registrations),
    verified('crypto_wallet_verified', (user) => user.crypto_wallets),
    some(
      providers.map((provider) => provider.toLowerCase()),
      'slack',
    ).map((values) =>
      question('oauth_provider', values, (user) =>
        user.providers.some(({ provider_type }) => values.includes(provider_type.toLowerCase())),
      ),
    ),
    fc.boolean().map((value) => question('password_exists', value, (user) => (user.password !== null) === value)),
  )
}

onBothEngines('user search', (engine) => {
  test('answers on its pages exactly the users of whom the operands hold, in order', async () => {
    const here = await world(engine)
    const { users, project_id } = await populate(here, draw())
    const environment = await here.app.environment(project_id)
    assert.ok(environment)
    const operands = fc.array(questions(users), { maxLength: 4 })
    const operators = fc.constantFrom('AND' as const, 'OR' as const)
    const limits = fc.constantFrom(3, 7, 40, 1000)
    await fc.assert(
      fc.asyncProperty(operands, operators, limits, async (asked, operator, limit) => {
        const matches = (user: User) =>
          operator === 'AND'
            ? asked.every(({ holds }) => holds(user))
            : asked.length === 0 || asked.some(({ holds }) => holds(user))
        const expected = users.filter(matches).map(({ user_id }) => user_id)
        const query = { operator, operands: asked.map(({ operand }) => operand) }
        const found: string[] = []
        let cursor: string | undefined
        // So many searches in a minute would be too many.
        here.clock.advance(MINUTE)
        do {
          const page = await searchUsers(here.app, environment, { query, limit, cursor })
          assert.equal(page.total, expected.length)
          assert.ok(page.users.length <= limit)
          found.push(...page.users.map(({ user_id }) => user_id))
          cursor = page.next_cursor ?? undefined
        } while (cursor !== undefined)
        assert.deepEqual(found, expected)
      }),
      { seed, numRuns: 150 },
    )
  })
})
