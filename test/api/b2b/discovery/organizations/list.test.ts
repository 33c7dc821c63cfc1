/** POST /v1/b2b/discovery/organizations. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newToken } from '../../../../../src/crypto/tokens.ts'
import { deleteMember } from '../../../../../src/domain/members/removal.ts'
import { updateEnvironment } from '../../../../../src/domain/projects/environment.ts'
import type { Proof } from '../../../../../src/domain/sessions/factors.ts'
import { refuse } from '../../../../support/call.ts'
import { discoveryScene, listRoute, mailed, password } from '../../../../support/discovery.ts'
import { messagesTo } from '../../../../support/inbox.ts'
import { newAddress, traces } from '../../../../support/links.ts'
import { give, memberSession, readMember, signIn } from '../../../../support/members.ts'
import { verifiedPhone } from '../../../../support/second_factor.ts'
import { type Engine, onBothEngines } from '../../../../support/world.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are checked against their schema
type Found = any

const names = (found: Found[]) => found.map(({ organization }) => organization.organization_name)
const types = (found: Found[]) => found.map(({ membership }) => membership.type)

async function scene(engine: Engine) {
  const base = await discoveryScene(engine)
  const { list, proven } = base
  return {
    ...base,
    /** The organizations that an intermediate session of the address leads to. */
    async found(email_address: string, ...more: [Proof?, boolean?]): Promise<Found[]> {
      const reply = await list({ intermediate_session_token: await proven(email_address, ...more) })
      assert.equal(reply.email_address, email_address)
      return reply.discovered_organizations
    },
  }
}

onBothEngines('discovery.organizations.list', (engine) => {
  test('members come first, active before invited before pending, then where one may join; each by name', async () => {
    const { here, project, organization, member, joinable, found } = await scene(engine)
    const email_address = newAddress()
    const named = (organization_name: string) => organization({ organization_name })
    const unproven = { email_address, email_address_verified: false }
    await member(await named('zeta'), { email_address })
    await member(await named('Beta'), { email_address })
    await member(await named('alpha'), { ...unproven, status: 'pending' })
    await member(await named('Omega'), { ...unproven, status: 'invited' })
    await joinable({ organization_name: 'Eta' })
    await joinable({ organization_name: 'delta' })
    const gone = await member(await named('Gone'), { email_address })
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    await deleteMember(here.app, environment, gone)
    await named('Strange')
    const all = await found(email_address)
    assert.deepEqual(names(all), ['Beta', 'zeta', 'Omega', 'alpha', 'delta', 'Eta'])
    const eligible = 'eligible_to_join_by_email_domain'
    assert.deepEqual(types(all), [
      ...['active_member', 'active_member', 'invited_member', 'pending_member'],
      ...[eligible, eligible],
    ])
    assert.ok(all.every(({ member_authenticated }) => member_authenticated === true))
    for (const { membership } of all.slice(0, 4)) {
      assert.deepEqual([membership.details, membership.member.email_address], [null, email_address])
    }
    for (const { membership } of all.slice(4)) {
      assert.deepEqual([membership.details, membership.member], [{ domain: 'example.com' }, null])
    }
  })

  test('the member is shown as elsewhere, with roles', async () => {
    const { here, project, organization, member, found } = await scene(engine)
    const known = await member(await organization(), { roles: ['stytch_admin'] })
    const [{ membership }] = await found(known.email_address)
    assert.deepEqual(membership.member, await readMember(here, project, known))
    assert.equal(membership.member.is_admin, true)
  })

  test('an organization shows itself to a domain only where somebody else in it has proven the address', async () => {
    const { here, project, organization, member, found } = await scene(engine)
    const letting = { email_jit_provisioning: 'RESTRICTED', email_allowed_domains: ['example.com', 'example.org'] }
    const acme = await organization(letting)
    const email_address = newAddress()
    const unproven = { email_address_verified: false }
    await member(acme, { email_address: 'ada@example.org' })
    await member(acme, { email_address: 'bob@sub.example.com' })
    await member(acme, { email_address: 'eve@example.com.example.org' })
    const pending = await member(acme, { status: 'pending', ...unproven })
    await member(acme, { status: 'active', ...unproven })
    assert.deepEqual(await found(email_address), [])
    assert.deepEqual(names(await found('zoe@example.org')), ['Acme'])
    await give(here, project, pending.member_id, { status: 'active', email_address_verified: true })
    assert.deepEqual(names(await found(email_address)), ['Acme'])
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    await deleteMember(here.app, environment, pending)
    assert.deepEqual(await found(email_address), [])
  })

  test('who was a member may join anew; a domain that is not let in, or that another one has claimed, may not', async () => {
    const { here, project, joinable, member, organization, found } = await scene(engine)
    const acme = await joinable()
    const known = await member(acme)
    assert.deepEqual(types(await found(known.email_address)), ['active_member'])
    const environment = await here.app.environment(project.id)
    assert.ok(environment)
    await deleteMember(here.app, environment, known)
    assert.deepEqual(types(await found(known.email_address)), ['eligible_to_join_by_email_domain'])
    const listed = await joinable({ email_jit_provisioning: 'NOT_ALLOWED', organization_name: 'Closed' })
    assert.equal(listed.email_allowed_domains.length, 1)
    assert.deepEqual(names(await found(newAddress())), ['Acme'])
    await organization({ organization_name: 'Claimer', claimed_email_domains: ['example.com'] })
    assert.deepEqual(await found(newAddress()), [])
  })

  test('the organization that has claimed the domain shows itself alone', async () => {
    const { joinable, found } = await scene(engine)
    await joinable()
    await joinable({ organization_name: 'Claimer', claimed_email_domains: ['example.com'] })
    assert.deepEqual(names(await found(newAddress())), ['Claimer'])
  })

  test('what an organization would still ask for is told, and nothing is sent or changed', async () => {
    const { here, project, organization, member, joinable, proven, list } = await scene(engine)
    const email_address = newAddress()
    const strict = await organization({ organization_name: 'A', mfa_policy: 'REQUIRED_FOR_ALL' })
    const { member_id } = await member(strict, { email_address })
    await give(here, project, member_id, verifiedPhone())
    await member(await organization({ organization_name: 'B', mfa_policy: 'REQUIRED_FOR_ALL' }), { email_address })
    const only = { auth_methods: 'RESTRICTED', allowed_auth_methods: ['sso', 'password'] }
    await member(await organization({ organization_name: 'C', ...only }), { email_address })
    await member(await organization({ organization_name: 'D', ...only }), { email_address, is_breakglass: true })
    await joinable({ organization_name: 'E', mfa_policy: 'REQUIRED_FOR_ALL', ...only })
    const intermediate_session_token = await proven(email_address)
    const before = await traces(here, project)
    const { discovered_organizations: all } = await list({ intermediate_session_token })
    const asked = all.map((one: Found) => [one.member_authenticated, one.primary_required, one.mfa_required])
    const none = { member_options: null, secondary_auth_initiated: null }
    const missing = { allowed_auth_methods: ['sso', 'password'] }
    assert.deepEqual(asked, [
      [false, null, { ...none, member_options: { mfa_phone_number: 'XXXXXXX0123', totp_registration_id: '' } }],
      [false, null, none],
      [false, missing, null],
      [true, null, null],
      [false, missing, none],
    ])
    assert.deepEqual(await messagesTo(here, '+14155550123', project), [])
    assert.deepEqual(await traces(here, project), before)
  })

  test('a password of all organizations lets members in who have proven the address, and nobody else', async () => {
    const { organization, member, joinable, found } = await scene(engine)
    const email_address = newAddress()
    const unproven = { email_address, email_address_verified: false }
    await member(await organization({ organization_name: 'A' }), { email_address })
    await member(await organization({ organization_name: 'B' }), unproven)
    await member(await organization({ organization_name: 'C' }), { ...unproven, status: 'invited' })
    await joinable({ organization_name: 'D' })
    const authenticated = (all: Found[]) => all.map(({ member_authenticated }) => member_authenticated)
    assert.deepEqual(authenticated(await found(email_address, password)), [true, false, false, false])
    assert.deepEqual(authenticated(await found(email_address, password, true)), [true, true, true, true])
  })

  test('with a session, the organizations that it can be exchanged for, its own among them', async () => {
    const { here, project, organization, member, joinable, list } = await scene(engine)
    const email_address = newAddress()
    const [home, away, strict] = [
      await organization({ organization_name: 'Home' }),
      await organization({ organization_name: 'Away' }),
      await organization({ organization_name: 'Strict', mfa_policy: 'REQUIRED_FOR_ALL' }),
    ]
    const known = await member(home, { email_address })
    await member(away, { email_address, status: 'invited', email_address_verified: false })
    await member(strict, { email_address })
    await joinable({ organization_name: 'Open' })
    const { session_token, session_jwt } = await memberSession(here, project, home, known)
    for (const fields of [{ session_token }, { session_jwt }]) {
      const reply = await list(fields)
      assert.deepEqual([reply.email_address, reply.organization_id_hint], [email_address, null])
      assert.deepEqual(names(reply.discovered_organizations), ['Home', 'Strict', 'Away'])
      const asked = reply.discovered_organizations.map((one: Found) => [
        one.member_authenticated,
        one.mfa_required !== null,
      ])
      assert.deepEqual(asked, [
        [true, false],
        [false, true],
        [true, false],
      ])
    }
    const byPassword = await memberSession(here, project, home, known, password)
    const authenticated = async () => {
      const { discovered_organizations } = await list({ session_token: byPassword.session_token })
      return discovered_organizations.map(({ member_authenticated }: Found) => member_authenticated)
    }
    assert.deepEqual(await authenticated(), [true, false, false])
    await updateEnvironment(here.app, project.id, { cross_org_passwords_enabled: true })
    assert.deepEqual(await authenticated(), [true, false, true])
  })

  test('a session that does not show whose address it is tells nothing of the owner’s other organizations', async () => {
    const { here, project, organization, member, list } = await scene(engine)
    const email_address = newAddress()
    const home = await organization({ organization_name: 'Home' })
    const known = await member(home, { email_address })
    await member(await organization({ organization_name: 'Away' }), { email_address })
    const isHomeAlone = async (session_token: string) => {
      const { discovered_organizations: found } = await list({ session_token })
      const asked = found.map((one: Found) => [one.organization.organization_name, one.member_authenticated])
      assert.deepEqual(asked, [['Home', true]])
    }
    const imported = { type: 'imported', delivery_method: 'imported_auth0' } as const
    await isHomeAlone((await memberSession(here, project, home, known, imported)).session_token)
    // The member had another address, and somebody was made to confirm this one.
    const { member_id } = known
    const before = { email_id: 'member-email-test-old', email_address: newAddress() }
    const old = { type: 'magic_link', delivery_method: 'email', email_factor: before } as const
    await isHomeAlone(await signIn(here, project, member_id, old))
    // An administrator has put the address of somebody else in the place of the member's.
    await give(here, project, member_id, { email_address_verified: false })
    await isHomeAlone(await signIn(here, project, member_id, password))
  })

  test('the hint names the organization whose login it was', async () => {
    const { organization, boundTo, list, proven } = await scene(engine)
    const acme = await organization()
    const email_address = newAddress()
    const intermediate_session_token = await boundTo(acme, email_address, false)
    assert.equal((await list({ intermediate_session_token })).organization_id_hint, acme.organization_id)
    const free = await proven(email_address)
    assert.equal((await list({ intermediate_session_token: free })).organization_id_hint, null)
  })

  test('exactly one token, alive and of this project; what counts in one organization only leads nowhere', async () => {
    const { here, project, organization, member, boundTo, proven } = await scene(engine)
    const acme = await organization()
    const known = await member(acme)
    const { session_token, session_jwt } = await memberSession(here, project, acme, known)
    const intermediate_session_token = await proven(known.email_address)
    const other = await discoveryScene(engine)
    const theirs = await other.proven(known.email_address)
    const bound = await boundTo(acme, known.email_address, true)
    const cases: [object, number, string][] = [
      [{}, 400, 'no_session_arguments'],
      [{ session_token: '', session_jwt: '', intermediate_session_token: '' }, 400, 'no_session_arguments'],
      [{ session_token, session_jwt }, 400, 'too_many_session_arguments'],
      [{ session_token, intermediate_session_token }, 400, 'too_many_session_arguments'],
      [{ session_jwt, intermediate_session_token }, 400, 'too_many_session_arguments'],
      [{ session_token: 'short' }, 400, 'invalid_session_token'],
      [{ session_token: newToken() }, 404, 'session_not_found'],
      [{ session_jwt: 'a.b.c' }, 400, 'unable_to_parse_session_jwt'],
      [{ intermediate_session_token: 'short' }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: newToken() }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: theirs }, 404, 'intermediate_session_not_found'],
      [{ intermediate_session_token: bound }, 400, 'invalid_intermediate_session_token_for_organization'],
    ]
    for (const [body, status, type] of cases) await refuse(here, project, listRoute, body, status, type)
    await refuse(here, await here.project(), listRoute, { session_token }, 400, 'invalid_b2b_endpoint')
  })

  test('nothing of another project is listed', async () => {
    const ours = await scene(engine)
    const theirs = await scene(engine)
    const email_address = newAddress()
    await theirs.member(await theirs.organization(), { email_address })
    await theirs.joinable()
    assert.deepEqual(await ours.found(email_address), [])
    assert.equal((await theirs.found(email_address)).length, 2)
  })

  test('the organization of another address of the intermediate session’s factors is not meant', async () => {
    const { organization, member, found } = await scene(engine)
    const known = await member(await organization())
    assert.deepEqual(await found(newAddress(), mailed(known.email_address)), [])
    const [one] = await found(known.email_address, mailed(newAddress()))
    assert.equal(one.member_authenticated, false)
  })

  test('many organizations take no more queries than one', async () => {
    const { here, organization, member, joinable, proven, list } = await scene(engine)
    const email_address = newAddress()
    const queries = async () => {
      const body = { intermediate_session_token: await proven(email_address) }
      const { store } = here.app
      let count = 0
      const counting = store.read.withPlugin({
        transformQuery: ({ node }) => {
          count += 1
          return node
        },
        transformResult: async ({ result }) => result,
      })
      const { read } = store
      store.read = counting
      try {
        await list(body)
      } finally {
        store.read = read
      }
      return count
    }
    await member(await organization(), { email_address })
    await joinable()
    const few = await queries()
    for (let n = 0; n < 5; n++) {
      await member(await organization(), { email_address })
      await joinable()
    }
    assert.ok(few > 0)
    assert.equal(await queries(), few)
  })
})
