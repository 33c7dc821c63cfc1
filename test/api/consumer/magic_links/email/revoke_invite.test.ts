/** POST /v1/magic_links/email/revoke_invite: invitations taken back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../../support/call.ts'
import { mailedLink, newAddress, traces } from '../../../../support/links.ts'
import { newUser } from '../../../../support/users.ts'
import { type Engine, onBothEngines, world } from '../../../../support/world.ts'

const route = 'POST /v1/magic_links/email/revoke_invite'
const authenticate = 'POST /v1/magic_links/authenticate'

async function scene(engine: Engine) {
  const here = await world(engine)
  return { here, project: await here.project() }
}

onBothEngines('magic_links.email.revoke_invite', (engine) => {
  test('all invitations of the address are dead, the pending user stays, other links of theirs live', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    const first = await mailedLink(here, project, email, {}, 'invite')
    const second = await mailedLink(here, project, email, {}, 'invite')
    const signup = await mailedLink(here, project, email)
    const other = await mailedLink(here, project, newAddress(), {}, 'invite')
    const reply = await succeed(here, project, route, { email: email.toUpperCase() })
    assert.deepEqual(Object.keys(reply).sort(), ['request_id', 'status_code'])
    for (const { token } of [first, second]) {
      await refuse(here, project, authenticate, { token }, 401, 'unable_to_auth_magic_link')
    }
    assert.equal((await succeed(here, project, `GET /v1/users/${first.user_id}`)).status, 'pending')
    for (const { token } of [signup, other]) await succeed(here, project, authenticate, { token })
  })

  test('twice is no error, and the user can be invited again', async () => {
    const { here, project } = await scene(engine)
    const email = newAddress()
    await mailedLink(here, project, email, {}, 'invite')
    await succeed(here, project, route, { email })
    await succeed(here, project, route, { email })
    const { token } = await mailedLink(here, project, email, {}, 'invite')
    await succeed(here, project, authenticate, { token })
  })

  test('there is nothing to take back from who is unknown, was never invited, or has accepted', async () => {
    const { here, project } = await scene(engine)
    const accepted = newAddress()
    const { token } = await mailedLink(here, project, accepted, {}, 'invite')
    await succeed(here, project, authenticate, { token })
    const pending = (await newUser(here, project, { create_user_as_pending: true })).emails[0].email
    const signedUp = newAddress()
    await mailedLink(here, project, signedUp, { create_user_as_pending: true })
    const before = await traces(here, project)
    for (const email of [newAddress(), pending, signedUp, accepted]) {
      await refuse(here, project, route, { email }, 404, 'email_not_found')
    }
    await refuse(here, project, route, { email: 'nonsense' }, 400, 'invalid_email')
    await refuse(here, project, route, {}, 400, 'bad_request')
    assert.deepEqual(await traces(here, project), before)
  })

  test('an invitation is either accepted or taken back, never both', async () => {
    const { here, project } = await scene(engine)
    for (let round = 0; round < 10; round++) {
      const email = newAddress()
      const { token } = await mailedLink(here, project, email, {}, 'invite')
      const [used] = await Promise.all([
        call(here, project, authenticate, { token }),
        call(here, project, route, { email }),
      ])
      const { user_id } = (await succeed(here, project, 'POST /v1/users/search', {})).results[0]
      const { status } = await succeed(here, project, `GET /v1/users/${user_id}`)
      assert.equal(status, used.status === 200 ? 'active' : 'pending')
      assert.ok(used.status === 200 || used.body.error_type === 'unable_to_auth_magic_link')
      await refuse(here, project, authenticate, { token }, 401, 'unable_to_auth_magic_link')
    }
  })
})
