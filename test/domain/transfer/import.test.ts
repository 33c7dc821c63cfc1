/** Importing users, organizations and members: what arrives, what is refused by line, and that nobody comes twice. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { totpCode, totpStep } from '../../../src/crypto/totp.ts'
import { findPassword } from '../../../src/domain/passwords/password.ts'
import { call, refuse, succeed } from '../../support/call.ts'
import { newMember } from '../../support/members.ts'
import { environmentOf, newOrganization } from '../../support/organizations.ts'
import { example, examplePassword, type Imported, importLines, stored } from '../../support/transfer.ts'
import { defineRoles, lapsedNumber, liveCredentials, newUser } from '../../support/users.ts'
import { type Credentials, onBothEngines, type TestProject, type World, world } from '../../support/world.ts'

const bcrypt = example('import_users')[0].password

/** How many of each kind were added and were there. */
function tallyOf({ counts: { user, organization, member } }: Imported) {
  return {
    added: [user.added, organization.added, member.added],
    there: [user.there, organization.there, member.there],
  }
}

/** The tally and problems of a dry run and of the import after it, which must be the same; the dry run must write nothing. */
async function rehearsed(here: World, project: Credentials, lines: unknown[]): Promise<Imported> {
  const before = await stored(here, project)
  const rehearsal = await importLines(here, project, lines, { dry_run: true })
  assert.deepEqual(await stored(here, project), before)
  const imported = await importLines(here, project, lines)
  assert.deepEqual(imported, rehearsal)
  return imported
}

/** Expects each line to be refused with that text, in a dry run and for real, and to leave nothing behind. */
async function refuseLines(here: World, project: Credentials, cases: [line: unknown, problem: string][]) {
  const before = await stored(here, project)
  const lines = cases.map(([line]) => line)
  const { problems, refused } = await rehearsed(here, project, lines)
  assert.deepEqual(
    problems,
    cases.map(([, problem], index) => `${index + 1} ${problem}`),
  )
  assert.equal(refused, lines.length)
  assert.deepEqual(await stored(here, project), before)
}

async function consumerProject(engine: 'sqlite' | 'postgres'): Promise<{ here: World; project: TestProject }> {
  const here = await world(engine)
  return { here, project: await here.project() }
}

async function b2bProject(engine: 'sqlite' | 'postgres'): Promise<{ here: World; project: TestProject }> {
  const here = await world(engine)
  return { here, project: await here.project('B2B') }
}

onBothEngines('importing users', (engine) => {
  test('the example arrives, and everybody in it logs in, whatever format the hash had', async () => {
    const { here, project } = await consumerProject(engine)
    const records = example('import_users')
    const imported = await rehearsed(here, project, records)
    assert.deepEqual(imported.problems, [])
    assert.deepEqual(tallyOf(imported), { added: [11, 0, 0], there: [0, 0, 0] })
    const formats = new Set<string>()
    for (const { emails, password, external_id } of records) {
      if (!password) continue
      formats.add(password.hash_type)
      const login = { email: emails[0].email, password: examplePassword }
      const { user } = await succeed(here, project, 'POST /v1/passwords/authenticate', login)
      assert.equal(user.external_id, external_id)
      const wrong = { ...login, password: `${examplePassword}.` }
      await refuse(here, project, 'POST /v1/passwords/authenticate', wrong, 401, 'unauthorized_credentials')
    }
    assert.equal(formats.size, 9)
  })

  test('every field of a record is that of the user, and the app and its recovery codes work', async () => {
    const { here, project } = await consumerProject(engine)
    await defineRoles(here, project, 'editor')
    const [user_id, email_id, phone_id, password_id, totp_id] = [
      `user-test-${randomUUID()}`,
      `email-test-${randomUUID()}`,
      `phone-number-test-${randomUUID()}`,
      `password-test-${randomUUID()}`,
      `totp-test-${randomUUID()}`,
    ]
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
    const record = {
      type: 'user',
      user_id,
      external_id: 'ada',
      status: 'pending',
      name: { first_name: 'Ada', middle_name: 'King', last_name: 'L \ud83d' },
      emails: [{ email_id, email: ' Ada@Example.com', verified: true }, { email: 'other@example.com' }],
      phone_numbers: [{ phone_id, phone_number: '+14155550123', verified: true }],
      roles: ['stytch_user', 'editor'],
      trusted_metadata: { plan: 'pro', dropped: null, deep: { list: [1, 'two', null] } },
      untrusted_metadata: { theme: 'dark \ud83d' },
      created_at: '2021-12-10T09:00:00.250+01:00',
      password: { ...bcrypt, password_id, requires_reset: true },
      totp: { totp_id, secret, recovery_codes: ['aaaa-bbbb-cccc', 'DDDD-eeee-ffff'] },
      // What the API shows besides, and what says nothing.
      is_locked: false,
      lock_created_at: null,
      lock_expires_at: null,
      totps: [],
      providers: [],
      webauthn_registrations: [],
      biometric_registrations: [],
      crypto_wallets: [],
    }
    assert.deepEqual((await rehearsed(here, project, [record])).problems, [])
    const { status_code: _, request_id: __, ...user } = await succeed(here, project, `GET /v1/users/${user_id}`)
    const [, other] = user.emails
    assert.deepEqual(user, {
      user_id,
      external_id: 'ada',
      status: 'pending',
      name: { first_name: 'Ada', middle_name: 'King', last_name: 'L \ufffd' },
      emails: [
        { email_id, email: 'ada@example.com', verified: true },
        { email_id: other.email_id, email: 'other@example.com', verified: false },
      ],
      phone_numbers: [{ phone_id, phone_number: '+14155550123', verified: true }],
      roles: ['stytch_user', 'editor'],
      trusted_metadata: { plan: 'pro', deep: { list: [1, 'two', null] } },
      untrusted_metadata: { theme: 'dark \ud83d' },
      created_at: '2021-12-10T08:00:00Z',
      password: { password_id, requires_reset: true },
      totps: [{ totp_id, verified: true }],
      providers: [],
      webauthn_registrations: [],
      biometric_registrations: [],
      crypto_wallets: [],
      is_locked: false,
      lock_created_at: null,
      lock_expires_at: null,
    })
    const code = totpCode(secret, totpStep(here.clock.now()))
    await succeed(here, project, 'POST /v1/totps/authenticate', { user_id, totp_code: code })
    await succeed(here, project, 'POST /v1/totps/recover', { user_id, recovery_code: 'dddd-eeee-ffff' })
    // The identifiers are claimed: each finds or refuses somebody.
    await succeed(here, project, 'GET /v1/users/ada')
    await refuse(here, project, 'POST /v1/users', { email: 'other@example.com' }, 400, 'duplicate_email')
    await refuse(here, project, 'POST /v1/users', { phone_number: '+14155550123' }, 400, 'duplicate_phone_number')
    await succeed(here, project, `DELETE /v1/users/totps/${totp_id}`)
    await succeed(here, project, `DELETE /v1/users/passwords/${password_id}`)
    await succeed(here, project, `DELETE /v1/users/phone_numbers/${phone_id}`)
    await succeed(here, project, `DELETE /v1/users/emails/${email_id}`)
    const { results } = await succeed(here, project, 'POST /v1/users/search', {})
    assert.equal(results.length, 1)
  })

  test('the same file again changes nothing, also when people have changed since', async () => {
    const { here, project } = await consumerProject(engine)
    const records = example('import_users')
    await importLines(here, project, records)
    const { results } = await succeed(here, project, 'POST /v1/users/search', {})
    const [ada] = results.filter(({ external_id }: { external_id: string }) => external_id === 'u_1')
    await succeed(here, project, `PUT /v1/users/${ada.user_id}`, { name: { first_name: 'Augusta' } })
    await succeed(here, project, `DELETE /v1/users/emails/${ada.emails[0].email_id}`)
    // Somebody else may have the address by now.
    await newUser(here, project, { email: 'ada@example.com' })
    const before = await stored(here, project)
    const again = await rehearsed(here, project, records)
    assert.deepEqual(again.problems, [])
    assert.deepEqual(tallyOf(again), { added: [0, 0, 0], there: [11, 0, 0] })
    assert.deepEqual(await stored(here, project), before)
  })

  test('everything wrong with a line is told at once, by field, and the other lines are imported', async () => {
    const { here, project } = await consumerProject(engine)
    const taken = await newUser(here, project, { email: 'taken@example.com', external_id: 'taken' })
    const line = {
      type: 'user',
      user_id: 'u_1',
      external_id: 'user-test-1',
      status: 'gone',
      emails: [{ email: 7, verfied: true }],
      created_at: 'yesterday',
    }
    const wrong = {
      type: 'user',
      user_id: 'u_1',
      external_id: 'user-test-1',
      name: { first_name: 'x'.repeat(257) },
      emails: [{ email: 'nobody' }, { email_id: 'e', email: 'a@example.com' }],
      phone_numbers: [{ phone_number: '555' }],
      roles: ['nobody'],
      trusted_metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, n])),
      untrusted_metadata: { long: 'x'.repeat(5000) },
      created_at: 'yesterday',
      password: { hash_type: 'bcrypt', hash: '$2y$secret' },
      totp: { secret: 'short' },
    }
    const fine = { type: 'user', emails: [{ email: 'fine@example.com' }] }
    const imported = await rehearsed(here, project, [line, '', wrong, '  ', fine])
    assert.deepEqual(imported.problems, [
      '1 status: expected one of "active"|"pending"',
      '1 emails[0].email: expected string, not number',
      '1 emails[0].verfied: is no field of emails[0]',
      '3 user_id: expected an id of the form user-test-<uuid>; leave it out to get a new one',
      '3 password: A bcrypt hash begins with $2a$, $2b$ or $2y$ and has 60 characters.',
      '3 totp: secret must be 10 to 128 bytes in base32.',
      '3 roles: "nobody" is not a role of the RBAC policy.',
      '3 name: name.first_name must be at most 256 characters.',
      '3 external_id: external_id must not begin like an id of this API, for example "user-test-".',
      '3 emails[0].email: Email format is invalid.',
      '3 emails[1].email_id: expected an id of the form email-test-<uuid>; leave it out to get a new one',
      '3 phone_numbers[0].phone_number: Phone number format is invalid. Use E.164, for example +14155550123.',
      '3 trusted_metadata: Metadata must have at most 20 top-level keys per object.',
      '3 untrusted_metadata: Metadata must be at most 4096 bytes of JSON per object.',
      '3 created_at: expected a time such as 2025-04-22T07:00:00Z',
    ])
    assert.deepEqual(tallyOf(imported), { added: [1, 0, 0], there: [0, 0, 0] })
    assert.equal(imported.refused, 2)
    assert.ok(!JSON.stringify(imported).includes('$2y$secret'))

    const entry = { email: 'new@example.com' }
    await refuseLines(here, project, [
      ['{"type":"user"', ': the line is not valid JSON; each line must be one whole JSON object'],
      ['[]', ': the line must be a JSON object'],
      [{}, 'type: expected "user", "organization" or "member"'],
      [{ type: 'group' }, 'type: expected "user", "organization" or "member"'],
      [{ type: 'user' }, ': a user needs an email address, a phone number, an external_id or a user_id'],
      [{ type: 'user', emails: [entry], __proto: 1 }, '__proto: is no field of a record of type user'],
      ['{"type":"user","__proto__":{}}', ': The JSON document has a key "__proto__", which is not accepted.'],
      ['{"type":"user","external_id":"a\\u0000"}', ': A text has the character U+0000, which is not accepted.'],
      [{ type: 'user', emails: [entry, entry] }, 'emails[1]: is there twice'],
      [
        { type: 'user', emails: [entry], totp: { secret: 'JBSWY3DPEHPK3PXP', recovery_codes: ['k7wm22pd0x'] } },
        'totp.recovery_codes: those of users have the form xxxx-xxxx-xxxx; leave them out to get ten new ones',
      ],
      [{ type: 'user', external_id: 'a', password: bcrypt }, 'password: needs an email address to log in with'],
      [{ type: 'user', emails: [entry], providers: [{}] }, 'providers: cannot be imported; leave it out'],
      [
        { type: 'user', emails: [entry], password: { hash_type: 'bcrypt', password_id: 'x' } },
        'password.hash: is required (string)',
      ],
      [
        { type: 'member', organization_id: 'acme', email_address: 'a@example.com' },
        'type: the project has users, and no organizations or members',
      ],
      [
        { type: 'user', external_id: 'other', emails: [{ email: 'taken@example.com' }] },
        `emails[0]: ${taken.user_id} has it already, under another id`,
      ],
      [
        { type: 'user', user_id: `user-test-${randomUUID()}`, emails: [{ email: 'taken@example.com' }] },
        `emails[0]: ${taken.user_id} has it already, under another id`,
      ],
      [
        { type: 'user', external_id: 'a', emails: [{ ...entry, email_id: taken.emails[0].email_id }] },
        `emails[0].email_id: ${taken.user_id} has it already`,
      ],
    ])
  })

  test('two lines for one person, or for two with one address, are told wherever they are in the file', async () => {
    const { here, project } = await consumerProject(engine)
    const people = Array.from({ length: 700 }, (_, n) => ({ type: 'user', emails: [{ email: `p${n}@example.com` }] }))
    const lines = [
      { type: 'user', external_id: 'a', emails: [{ email: 'a@example.com' }] },
      { type: 'user', external_id: 'a', emails: [{ email: 'b@example.com' }] },
      { type: 'user', external_id: 'c', emails: [{ email: 'A@example.com' }] },
      ...people,
      { type: 'user', external_id: 'a' },
      { type: 'user', external_id: 'd', emails: [{ email: 'a@example.com' }] },
      { type: 'user', emails: [{ email: 'p699@example.com' }, { email: 'p1@example.com' }] },
    ]
    const expected = [
      '2 external_id: the same user as on line 1',
      '3 emails[0]: line 1 has it already, under another id',
      '704 external_id: the same user as on line 1',
      '705 emails[0]: line 1 has it already, under another id',
      '706 emails[1]: line 5 has it already, and emails[0] is that of line 703',
    ]
    const first = await rehearsed(here, project, lines)
    assert.deepEqual(first.problems, expected)
    assert.deepEqual(tallyOf(first), { added: [701, 0, 0], there: [0, 0, 0] })
    // Run again, the file has the same problems.
    const second = await rehearsed(here, project, lines)
    assert.deepEqual(second.problems.length, expected.length)
    assert.deepEqual(tallyOf(second), { added: [0, 0, 0], there: [701, 0, 0] })
  })

  test('ids of the other environment type keep their uuid', async () => {
    const { here, project } = await consumerProject(engine)
    const uuid = randomUUID()
    const record = { type: 'user', user_id: `user-test-${uuid}`, emails: [{ email: 'a@example.com' }] }
    await importLines(here, project, [record])
    const live = await liveCredentials(here, project)
    for (const there of [0, 1]) {
      const imported = await importLines(here, live, [record])
      assert.deepEqual([imported.counts.user.there, imported.problems], [there, []])
    }
    await succeed(here, live, `GET /v1/users/user-live-${uuid}`)
  })

  test('what the API’s search answers with becomes a record by its type', async () => {
    const { here, project } = await consumerProject(engine)
    await importLines(
      here,
      project,
      example('import_users').map(({ password: _, totp: __, ...record }) => record),
    )
    const { results } = await succeed(here, project, 'POST /v1/users/search', {})
    const target = await here.project()
    const lines = results.map((user: object) => ({ type: 'user', ...user }))
    assert.deepEqual((await rehearsed(here, target, lines)).problems, [])
    const again = await succeed(here, target, 'POST /v1/users/search', {})
    assert.deepEqual(again.results, results)
  })

  test('a number that was added to somebody and not proven in time is free', async () => {
    const { here, project } = await consumerProject(engine)
    await lapsedNumber(here, project, '+14155550123')
    const line = { type: 'user', external_id: 'a', phone_numbers: [{ phone_number: '+14155550123' }] }
    const { problems, counts } = await importLines(here, project, [line])
    assert.deepEqual([problems, counts.user.added], [[], 1])
  })

  test('two imports of one file and calls of the API at the same time add everybody once', async () => {
    const { here, project } = await consumerProject(engine)
    const lines = Array.from({ length: 600 }, (_, n) => ({ type: 'user', emails: [{ email: `p${n}@example.com` }] }))
    const created: number[] = []
    const calls = Array.from({ length: 20 }, async (_, n) => {
      const { status } = await call(here, project, 'POST /v1/users', { email: `p${n * 30}@example.com` })
      if (status === 201) created.push(n)
    })
    const [one, other] = await Promise.all([
      importLines(here, project, lines),
      importLines(here, project, lines.toReversed()),
      ...calls,
    ])
    assert.deepEqual([one?.problems, other?.problems], [[], []])
    const sum = (part: 'added' | 'there') => (one?.counts.user[part] ?? 0) + (other?.counts.user[part] ?? 0)
    assert.equal(sum('added') + created.length, 600)
    assert.equal(sum('there'), 600 + created.length)
    const { users, identifiers } = await stored(here, project)
    assert.equal(users?.length, 600)
    assert.equal(identifiers?.length, 1200)
  })
})

onBothEngines('importing organizations and members', (engine) => {
  test('the example arrives; passwords fit, and domains, roles and factors are as they were given', async () => {
    const { here, project } = await b2bProject(engine)
    const records = example('import')
    const imported = await rehearsed(here, project, records)
    assert.deepEqual(imported.problems, [])
    assert.deepEqual(tallyOf(imported), { added: [0, 2, 4], there: [0, 0, 0] })
    const { organization } = await succeed(here, project, 'GET /v1/b2b/organizations/acct_17')
    assert.equal(organization.organization_slug, 'acme')
    assert.deepEqual(organization.email_allowed_domains, ['acme.example'])
    assert.equal(organization.custom_roles[0].role_id, 'billing')
    const query = {
      query: { operator: 'AND', operands: [{ filter_name: 'allowed_domains', filter_value: ['acme.example'] }] },
    }
    const { organizations } = await succeed(here, project, 'POST /v1/b2b/organizations/search', query)
    assert.equal(organizations.length, 1)
    const { member: ada } = await succeed(here, project, 'GET /v1/b2b/organizations/acme/member?member_id=u_1')
    assert.deepEqual(
      [ada.name, ada.is_admin, ada.email_address_verified, ada.created_at],
      ['Ada Lovelace', true, true, '2021-12-10T08:00:00Z'],
    )
    const { member: hedy } = await succeed(here, project, 'GET /v1/b2b/organizations/globex/member?member_id=u_1')
    assert.equal(hedy.default_mfa_method, 'totp')
    const environment = await environmentOf(here, project)
    for (const { member_id, member_password_id } of [ada, hedy]) {
      const password = await findPassword(here.app, environment, member_id)
      assert.ok(password)
      assert.equal(password.password_id, member_password_id)
      assert.equal(await here.app.passwords.verify(project.id, password, examplePassword), true)
      assert.equal(await here.app.passwords.verify(project.id, password, 'another'), false)
    }
    await refuse(
      here,
      project,
      'POST /v1/b2b/organizations/globex/members',
      { email_address: 'h.lamarr@globex.example' },
      400,
      'retired_member_email',
    )
    const { recovery_codes } = await succeed(
      here,
      project,
      `GET /v1/b2b/recovery_codes/${hedy.organization_id}/${hedy.member_id}`,
    )
    assert.deepEqual(recovery_codes, ['k7wm-22pd-0xqe', '9vt1-x3na-77jc'])
    const again = await rehearsed(here, project, records)
    assert.deepEqual(tallyOf(again), { added: [0, 0, 0], there: [0, 2, 4] })
  })

  test('what is wrong with organizations is told by line, and nothing of them is kept', async () => {
    const { here, project } = await b2bProject(engine)
    const taken = await newOrganization(here, project, {
      organization_slug: 'taken',
      organization_external_id: 'account-1',
      claimed_email_domains: ['claimed.example'],
    })
    const other = { type: 'organization', organization_name: 'Other' }
    const id = taken.organization_id
    await refuseLines(here, project, [
      [other, ': an organization needs an organization_slug, an organization_external_id or an organization_id'],
      [
        { ...other, organization_slug: '~' },
        `: organization_slug must be 2 to 128 characters of letters, digits, "-", ".", "_" and "~", one of them a letter or digit.`,
      ],
      [
        { ...other, organization_slug: 'new', email_invites: 'SOME' },
        'email_invites: expected one of "ALL_ALLOWED"|"RESTRICTED"|"NOT_ALLOWED"',
      ],
      [
        { ...other, organization_slug: 'new', email_invites: 'RESTRICTED' },
        ': email_jit_provisioning and email_invites can be RESTRICTED only with domains in email_allowed_domains.',
      ],
      [
        { ...other, organization_slug: 'Taken', organization_external_id: 'account-2' },
        `organization_slug: ${id} has it already, under another id`,
      ],
      [{ ...other, organization_slug: 'account-1' }, `organization_slug: ${id} has it already`],
      [
        { ...other, organization_slug: 'new', claimed_email_domains: ['claimed.example'] },
        `claimed_email_domains: ${id} has it already`,
      ],
      [
        {
          ...other,
          organization_slug: 'new',
          custom_roles: [{ role_id: 'r', description: '', permissions: [{ resource_id: 'none', actions: ['a'] }] }],
        },
        'custom_roles: "none" is not a resource of the policy.',
      ],
      [
        { ...other, organization_slug: 'new', scim_active_connection: {} },
        'scim_active_connection: cannot be imported; leave it out',
      ],
      [
        { type: 'user', emails: [{ email: 'a@example.com' }] },
        'type: the project has organizations and members, and no users',
      ],
    ])
  })

  test('what is wrong with members is told by line, and nothing of them is kept', async () => {
    const { here, project } = await b2bProject(engine)
    const organization = await newOrganization(here, project, { organization_slug: 'acme' })
    const claimer = { organization_slug: 'other', claimed_email_domains: ['claimed.example'] }
    await newOrganization(here, project, claimer)
    const taken = await newMember(here, project, organization, {
      email_address: 'taken@example.com',
      external_id: 'taken',
      mfa_phone_number: '+14155550123',
    })
    const member = { type: 'member', organization_id: 'acme', email_address: 'a@example.com' }
    const id = taken.member_id
    await refuseLines(here, project, [
      [
        { ...member, organization_id: 'none' },
        'organization_id: there is no organization "none" yet; it comes before its members',
      ],
      [
        { ...member, organization_id: 'no spaces' },
        'organization_id: expected the id, slug or external id of an organization',
      ],
      [{ ...member, email_address: 'nobody' }, 'email_address: Email format is invalid.'],
      [{ ...member, email_address: undefined }, 'email_address: is required (string)'],
      [{ ...member, roles: ['nobody'] }, 'roles: "nobody" is not a role of the project or the organization.'],
      [
        { ...member, email_address: 'a@claimed.example' },
        'email_address: its domain is claimed by another organization',
      ],
      [
        { ...member, default_mfa_method: 'sms_otp' },
        'default_mfa_method: The member has no factor of the method that default_mfa_method names.',
      ],
      [{ ...member, mfa_phone_number: '+14155550123' }, `mfa_phone_number: ${id} has it already`],
      [
        { ...member, external_id: 'b', email_address: 'Taken@example.com' },
        `email_address: ${id} has it already, under another id`,
      ],
      [
        { ...member, retired_email_addresses: [{ email_address: 'taken@example.com' }] },
        `retired_email_addresses: ${id} has it already`,
      ],
      [
        { ...member, retired_email_addresses: [{ email_address: 'a@example.com' }] },
        'retired_email_addresses: is there twice',
      ],
      [
        { ...member, organization_id: 'other', member_id: id },
        `member_id: ${id} in another organization has it already`,
      ],
      [{ ...member, status: 'deleted' }, 'member_id: is required of deleted members'],
      [{ ...member, sso_registrations: [{}] }, 'sso_registrations: cannot be imported; leave it out'],
    ])
  })

  test('members come with the ids they had, in organizations named by any name, and the API’s own shape is read', async () => {
    const { here, project } = await b2bProject(engine)
    const [organization_id, member_id] = [`organization-test-${randomUUID()}`, `member-test-${randomUUID()}`]
    const lines = [
      { type: 'organization', organization_id, organization_name: 'Acme', organization_external_id: 'acct' },
      { type: 'member', organization_id: 'acct', email_address: 'a@acme.example' },
      { type: 'member', organization_id: 'acme', email_address: 'b@acme.example' },
      {
        type: 'member',
        organization_id,
        member_id,
        email_address: 'c@acme.example',
        roles: [
          { role_id: 'stytch_member', sources: [{ type: 'direct_assignment', details: {} }] },
          { role_id: 'stytch_admin', sources: [{ type: 'direct_assignment', details: {} }] },
          { role_id: 'elsewhere', sources: [{ type: 'email_assignment', details: { email_domain: 'acme.example' } }] },
        ],
        is_admin: true,
        is_locked: false,
        lock_created_at: null,
        member_password_id: '',
        totp_registration_id: '',
        sso_registrations: [],
        oauth_registrations: [],
        scim_registration: null,
      },
    ]
    assert.deepEqual((await rehearsed(here, project, lines)).problems, [])
    const { member } = await succeed(here, project, `GET /v1/b2b/organizations/acme/member?member_id=${member_id}`)
    assert.deepEqual([member.organization_id, member.is_admin], [organization_id, true])
    assert.deepEqual(tallyOf(await rehearsed(here, project, lines)), { added: [0, 0, 0], there: [0, 1, 3] })
  })

  test('what the API’s searches answer with becomes a record by its type', async () => {
    const { here, project } = await b2bProject(engine)
    await importLines(
      here,
      project,
      example('import').map(({ password: _, totp: __, default_mfa_method: ___, ...record }) => record),
    )
    const everybody = async (place: Credentials) => {
      const { organizations } = await succeed(here, place, 'POST /v1/b2b/organizations/search', {})
      const organization_ids = organizations.map((one: { organization_id: string }) => one.organization_id)
      const { members } = await succeed(here, place, 'POST /v1/b2b/organizations/members/search', { organization_ids })
      return { organizations, members }
    }
    const { organizations, members } = await everybody(project)
    assert.deepEqual([organizations.length, members.length], [2, 4])
    const target = (await b2bProject(engine)).project
    const lines = [
      ...organizations.map((organization: object) => ({ type: 'organization', ...organization })),
      ...members.map((member: object) => ({ type: 'member', ...member })),
    ]
    assert.deepEqual((await rehearsed(here, target, lines)).problems, [])
    assert.deepEqual(await everybody(target), { organizations, members })
  })

  test('who has been a member stays one in a domain that another organization has claimed', async () => {
    const { here, project } = await b2bProject(engine)
    await newOrganization(here, project, { organization_slug: 'acme' })
    await newOrganization(here, project, { organization_slug: 'other', claimed_email_domains: ['claimed.example'] })
    const member_id = `member-test-${randomUUID()}`
    const line = { type: 'member', organization_id: 'acme', member_id, email_address: 'a@claimed.example' }
    assert.deepEqual((await rehearsed(here, project, [line])).problems, [])
  })

  test('who was deleted since is not brought back by the file that has their id', async () => {
    const { here, project } = await b2bProject(engine)
    const organization = await newOrganization(here, project, { organization_slug: 'acme' })
    const member_id = `member-test-${randomUUID()}`
    const line = { type: 'member', organization_id: 'acme', member_id, email_address: 'a@acme.example' }
    await importLines(here, project, [line])
    await succeed(here, project, `DELETE /v1/b2b/organizations/${organization.organization_id}/members/${member_id}`)
    assert.deepEqual(tallyOf(await rehearsed(here, project, [line])), { added: [0, 0, 0], there: [0, 0, 1] })
    const path = `/v1/b2b/organizations/${organization.organization_id}/member?member_id=${member_id}`
    await refuse(here, project, `GET ${path}`, undefined, 404, 'member_not_found')
  })

  test('slugs that follow from names are given to each organization once, whatever others are called', async () => {
    const { here, project } = await b2bProject(engine)
    const lines = [
      ...['1', '2', '3'].map((n) => ({ type: 'organization', organization_name: 'Acme', organization_external_id: n })),
      { type: 'organization', organization_name: 'Real Acme', organization_slug: 'acme' },
    ]
    assert.deepEqual((await rehearsed(here, project, lines)).problems, [])
    const { organizations } = await succeed(here, project, 'POST /v1/b2b/organizations/search', {})
    assert.deepEqual(organizations.map((one: { organization_slug: string }) => one.organization_slug).sort(), [
      'acme',
      'acme-2',
      'acme-3',
      'acme-4',
    ])
    assert.deepEqual(tallyOf(await rehearsed(here, project, lines)), { added: [0, 0, 0], there: [0, 4, 0] })
  })

  test('members log in with imported hashes, whatever format they had, in their organization and with a password reset', async () => {
    const { here, project } = await b2bProject(engine)
    const { organization_id } = await newOrganization(here, project, { organization_slug: 'acme' })
    const hashes = example('import_users').flatMap(({ password }) => password ?? [])
    const lines = hashes.map((password, n) => ({
      type: 'member',
      organization_id: 'acme',
      email_address: `m${n}@acme.example`,
      email_address_verified: true,
      password,
    }))
    const reset = { ...lines[0], email_address: 'reset@acme.example' }
    const stale = { ...reset, password: { ...hashes[0], requires_reset: true } }
    assert.deepEqual((await rehearsed(here, project, [...lines, stale])).problems, [])
    const route = 'POST /v1/b2b/passwords/authenticate'
    for (const { email_address } of lines) {
      const login = { organization_id, email_address, password: examplePassword }
      assert.equal((await succeed(here, project, route, login)).member_authenticated, true)
      const wrong = { ...login, password: `${examplePassword}.` }
      await refuse(here, project, route, wrong, 401, 'unauthorized_credentials')
    }
    const login = { organization_id, email_address: stale.email_address, password: examplePassword }
    await refuse(here, project, route, login, 400, 'member_reset_password')
  })

  test('where passwords are of addresses, the first of an address counts, for everybody who has it', async () => {
    const { here, project } = await b2bProject(engine)
    await succeed(here, here.workspace, `PATCH ${project.path}`, { cross_org_passwords_enabled: true })
    for (const slug of ['acme', 'globex', 'initech']) await newOrganization(here, project, { organization_slug: slug })
    const email_address = 'ada@acme.example'
    const early = await newMember(here, project, { organization_id: 'acme' }, { email_address })
    const [first, second] = example('import_users').flatMap(({ password }) => password ?? [])
    const member = { type: 'member', email_address, email_address_verified: true }
    const lines = [
      { ...member, organization_id: 'globex' },
      { ...member, organization_id: 'initech', password: first },
      { ...member, organization_id: 'globex', email_address: 'hedy@acme.example', password: second },
    ]
    assert.deepEqual((await rehearsed(here, project, lines)).problems, [])
    const environment = await environmentOf(here, project)
    const { password_id } = (await findPassword(here.app, environment, email_address)) ?? assert.fail()
    for (const slug of ['acme', 'globex', 'initech']) {
      const { member: shown } = await succeed(
        here,
        project,
        `GET /v1/b2b/organizations/${slug}/member?email_address=${email_address}`,
      )
      assert.equal(shown.member_password_id, password_id)
    }
    assert.equal(early.member_password_id, '')
    const login = { organization_id: 'globex', email_address, password: examplePassword }
    await succeed(here, project, 'POST /v1/b2b/passwords/authenticate', login)
    const discovery = 'POST /v1/b2b/passwords/discovery/authenticate'
    const { discovered_organizations } = await succeed(here, project, discovery, {
      email_address,
      password: examplePassword,
    })
    assert.equal(discovered_organizations.length, 3)
    assert.deepEqual(tallyOf(await importLines(here, project, lines)), { added: [0, 0, 0], there: [0, 0, 3] })
  })

  test('an organization that is deleted while members are imported takes all of them along, or none is added', async () => {
    const { here, project } = await b2bProject(engine)
    const { organization_id } = await newOrganization(here, project, { organization_slug: 'acme' })
    const lines = Array.from({ length: 900 }, (_, n) => ({
      type: 'member',
      organization_id: 'acme',
      email_address: `m${n}@acme.example`,
    }))
    await Promise.all([
      importLines(here, project, lines),
      new Promise((resolve) => setTimeout(resolve, 30)).then(() =>
        succeed(here, project, `DELETE /v1/b2b/organizations/${organization_id}`),
      ),
    ])
    const { members, identifiers } = await stored(here, project)
    assert.deepEqual([members?.length, identifiers?.length], [0, 0])
  })
})
