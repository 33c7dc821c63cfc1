/** PUT /v1/users/{user_id}/exchange_primary_factor. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { checkOneTimeCode, issueOneTimeCode } from '../../../../src/domain/proofs/one_time_code.ts'
import { issueOneTimeToken } from '../../../../src/domain/proofs/one_time_token.ts'
import type { User } from '../../../../src/domain/users/row.ts'
import { call, refuse, succeed } from '../../../support/call.ts'
import { give, lapsedNumber, liveCredentials, newUser } from '../../../support/users.ts'
import { onBothEngines, world } from '../../../support/world.ts'

const route = (user_id: string) => `PUT /v1/users/${user_id}/exchange_primary_factor`
const email_address = 'new@example.com'
const phone_number = '+14155550123'

const furtherFactors: Partial<User>[] = [
  { phone_numbers: [{ phone_id: 'phone-number-test-1', phone_number, verified: true }] },
  {
    providers: [
      {
        oauth_user_registration_id: 'oauth-user-test-1',
        provider_type: 'Google',
        provider_subject: '1',
        profile_picture_url: '',
        locale: '',
      },
    ],
  },
  {
    webauthn_registrations: [
      {
        webauthn_registration_id: 'webauthn-registration-test-1',
        domain: 'example.com',
        user_agent: '',
        verified: true,
        authenticator_type: '',
        name: '',
      },
    ],
  },
  { biometric_registrations: [{ biometric_registration_id: 'biometric-registration-test-1', verified: true }] },
  { totps: [{ totp_id: 'totp-test-1', verified: true }] },
  {
    crypto_wallets: [
      {
        crypto_wallet_id: 'crypto-wallet-test-1',
        crypto_wallet_address: '1',
        crypto_wallet_type: 'solana',
        verified: true,
      },
    ],
  },
  { password: { password_id: 'password-test-1', requires_reset: false } },
]

onBothEngines('users.exchangePrimaryFactor', (engine) => {
  test('replaces an address by another, keeps whether it was verified, and frees the old one and its id', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const verified of [false, true]) {
      const user = await newUser(here, project)
      const [old] = user.emails
      await give(here, project, user.user_id, { emails: [{ ...old, verified }] })
      const given = { email_address: ` ${verified}@Example.com` }
      const reply = await succeed(here, project, route(user.user_id), given)
      const [{ email_id }] = reply.user.emails
      assert.equal(reply.user_id, user.user_id)
      assert.deepEqual(reply.user, { ...user, emails: [{ email_id, email: `${verified}@example.com`, verified }] })
      assert.notEqual(email_id, old.email_id)
      assert.deepEqual(await succeed(here, project, `DELETE /v1/users/emails/${email_id}`).then(({ user }) => user), {
        ...user,
        emails: [],
      })
      await refuse(here, project, `DELETE /v1/users/emails/${old.email_id}`, undefined, 404, 'email_not_found')
      await newUser(here, project, { email: old.email })
    }
  })

  test('changes from an address to a number and back', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id, emails } = await newUser(here, project, { external_id: 'ext-1' })
    const { user } = await succeed(here, project, route('ext-1'), { phone_number })
    const [{ phone_id }] = user.phone_numbers
    assert.deepEqual([user.emails, user.phone_numbers], [[], [{ phone_id, phone_number, verified: false }]])
    const back = await succeed(here, project, route(user_id), { email_address: emails[0].email })
    assert.deepEqual(back.user.phone_numbers, [])
    assert.equal(back.user.emails[0].email, emails[0].email)
    await refuse(here, project, `DELETE /v1/users/phone_numbers/${phone_id}`, undefined, 404, 'phone_number_not_found')
    await newUser(here, project, { phone_number })
  })

  test('what was sent to the old address lets nobody in any more; what was sent to others stays', async () => {
    const here = await world(engine)
    const project = await here.project()
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    const [user, other] = [await newUser(here, project), await newUser(here, project)]
    const issue = async ({ user_id, emails: [{ email_id }] }: typeof user) => {
      const owned = { owner_id: user_id, method_id: email_id }
      const details = { kind: 'login', attributes: { ip_address: '', user_agent: '' } } as const
      const link = { ...owned, purpose: 'magic link', minutes: 60, details } as const
      const code = { ...owned, minutes: 2, details: { channel: 'email', attributes: details.attributes } } as const
      const token = await issueOneTimeToken(here.app, environment, link)
      const digits = await issueOneTimeCode(here.app, environment, code)
      return async () => [
        (await call(here, project, 'POST /v1/magic_links/authenticate', { token })).body.error_type,
        (await checkOneTimeCode(here.app, environment, email_id, digits)).verdict,
      ]
    }
    const [own, foreign] = [await issue(user), await issue(other)]
    await succeed(here, project, route(user.user_id), { email_address })
    assert.deepEqual(await own(), ['unable_to_auth_magic_link', 'wrong'])
    assert.deepEqual(await foreign(), [undefined, 'live'])
  })

  test('the address the user has already changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project, { email: email_address })
    const given = { email_address: 'NEW@example.com' }
    assert.deepEqual((await succeed(here, project, route(user.user_id), given)).user, user)
  })

  test('wants exactly one of the two, and a sound one', async () => {
    const here = await world(engine)
    const project = await here.project()
    const user = await newUser(here, project)
    const refused = [
      [{}, 'invalid_exchange_primary_factor_fields'],
      [{ email_address: '', phone_number: null }, 'invalid_exchange_primary_factor_fields'],
      [{ email_address, phone_number }, 'invalid_exchange_primary_factor_fields'],
      [{ email_address: 'new@' }, 'invalid_email'],
      [{ phone_number: '4155550123' }, 'invalid_phone_number'],
      [{ email_address: 7 }, 'bad_request'],
    ] as const
    for (const [body, type] of refused) await refuse(here, project, route(user.user_id), body, 400, type)
    const {
      request_id: _,
      status_code: __,
      ...unchanged
    } = await succeed(here, project, `GET /v1/users/${user.user_id}`)
    assert.deepEqual(unchanged, user)
  })

  test('only for a user with one factor, which is an address or a number', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const parts of furtherFactors) {
      const user = await newUser(here, project)
      await give(here, project, user.user_id, parts)
      const type = 'invalid_exchange_primary_factor_user'
      await refuse(here, project, route(user.user_id), { email_address }, 400, type)
      await give(here, project, user.user_id, { emails: [], phone_numbers: [] })
      await refuse(here, project, route(user.user_id), { email_address }, 400, type)
      const { emails, phone_numbers } = await succeed(here, project, `GET /v1/users/${user.user_id}`)
      assert.deepEqual([emails, phone_numbers], [[], []])
    }
    await newUser(here, project, { email: email_address })
  })

  test('an address or number of somebody else stays theirs, and the old one is kept', async () => {
    const here = await world(engine)
    const project = await here.project()
    await newUser(here, project, { email: email_address, phone_number })
    const user = await newUser(here, project)
    await refuse(here, project, route(user.user_id), { email_address }, 400, 'duplicate_email')
    await refuse(here, project, route(user.user_id), { phone_number }, 400, 'duplicate_phone_number')
    const { emails } = await succeed(here, project, `GET /v1/users/${user.user_id}`)
    assert.deepEqual(emails, user.emails)
    await succeed(here, project, `DELETE /v1/users/emails/${user.emails[0].email_id}`)
  })

  test('of two users who are given the same address at once, one gets it and the other keeps the old one', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (let round = 0; round < 10; round++) {
      const users = await Promise.all([newUser(here, project), newUser(here, project)])
      const given = { email_address: `round-${round}@example.com` }
      const answers = await Promise.all(users.map(({ user_id }) => call(here, project, route(user_id), given)))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400])
      for (const [index, { status, body }] of answers.entries()) {
        const kept = users[index].emails[0]
        if (status === 400) assert.equal(body.error_type, 'duplicate_email')
        const { emails } = await succeed(here, project, `GET /v1/users/${users[index].user_id}`)
        assert.equal(emails[0].email, status === 200 ? given.email_address : kept.email)
      }
    }
  })

  test('one user who is given 20 addresses at once ends with one of them, and the others are free', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { user_id } = await newUser(here, project)
    const given = Array.from({ length: 20 }, (_, n) => `race-${n}@example.com`)
    const answers = await Promise.all(
      given.map((email_address) => call(here, project, route(user_id), { email_address })),
    )
    for (const { status } of answers) assert.ok(status === 200 || status === 503, String(status))
    const { emails } = await succeed(here, project, `GET /v1/users/${user_id}`)
    assert.equal(emails.length, 1)
    for (const email of given.filter((one) => one !== emails[0].email)) await newUser(here, project, { email })
  })

  test('names users as everywhere', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    const { user_id } = await newUser(here, project)
    await refuse(here, project, route('user-test-7'), { email_address }, 400, 'invalid_user_id')
    await refuse(here, project, route(`user-test-${randomUUID()}`), { email_address }, 404, 'user_not_found')
    await refuse(here, other, route(user_id), { email_address }, 404, 'user_not_found')
    const live = await liveCredentials(here, project)
    await refuse(here, live, route(user_id), { email_address }, 400, 'test_id_used_in_live_environment')
  })

  test('numbers that were added and not proven in time neither count nor are in the way', async () => {
    const here = await world(engine)
    const project = await here.project()
    await lapsedNumber(here, project, phone_number)
    const user_id = await lapsedNumber(here, project, '+14155550124')
    const { user } = await succeed(here, project, route(user_id), { phone_number })
    assert.deepEqual(
      [user.emails, user.phone_numbers.length, user.phone_numbers[0].phone_number],
      [[], 1, phone_number],
    )
  })
})
