/** What both kinds of discovery messages have to do when they are authenticated. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE, rfc3339 } from '../../src/values/time.ts'
import { call, refuse } from './call.ts'
import { assertSignedIn, discoveryScene, type Way, ways } from './discovery.ts'
import { newAddress, traces } from './links.ts'
import { newOrganization } from './organizations.ts'
import { onBothEngines } from './world.ts'

/** Tests of the operation that authenticates. */
export function testDiscoveryEntering(way: Way): void {
  const { authenticate, unknown, spent, method } = ways[way]
  onBothEngines(`discovery by ${way}: authenticating`, (engine) => {
    test('an address that nobody has gets an intermediate session of ten minutes', async () => {
      const { here, project, proofFor, enter, list, refuseExchange, organization } = await discoveryScene(engine)
      const email_address = newAddress()
      const reply = await enter(way, await proofFor(way, email_address.toUpperCase().toLowerCase()))
      assert.equal(reply.email_address, email_address)
      assert.deepEqual(reply.discovered_organizations, [])
      assert.match(reply.intermediate_session_token, /^[A-Za-z0-9_-]{44}$/)
      assert.equal(reply.intermediate_session_token_expires_at, rfc3339(here.clock.now() + 10 * MINUTE))
      const { intermediate_session_token } = reply
      assert.equal((await list({ intermediate_session_token })).organization_id_hint, null)
      const { organization_id } = await organization()
      here.clock.advance(10 * MINUTE)
      const late = { intermediate_session_token, organization_id }
      await refuseExchange(late, 404, 'intermediate_session_not_found')
      const { members } = (await traces(here, project)) as { members: unknown[] }
      assert.deepEqual(members, [])
    })

    test('the organizations of the address are listed, and what was proven counts there', async () => {
      const { proofFor, enter, organization, member, exchange } = await discoveryScene(engine)
      const acme = await organization()
      const known = await member(acme, { email_address_verified: false })
      const reply = await enter(way, await proofFor(way, known.email_address))
      const [found] = reply.discovered_organizations
      assert.equal(reply.discovered_organizations.length, 1)
      assert.deepEqual(found.organization, acme)
      assert.equal(found.membership.member.member_id, known.member_id)
      assert.equal(found.member_authenticated, true)
      const signedIn = await exchange(reply.intermediate_session_token, acme)
      assertSignedIn(signedIn)
      const { email_id, email_address } = known
      const [factor] = signedIn.member_session.authentication_factors
      assert.deepEqual([factor.type, factor.email_factor], [method, { email_id, email_address }])
    })

    test('it is redeemed once, of many calls at once too', async () => {
      const { here, project, proofFor, refuseEnter } = await discoveryScene(engine)
      const proof = await proofFor(way, newAddress())
      const answers = await Promise.all(Array.from({ length: 25 }, () => call(here, project, authenticate, proof)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      const types = new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error_type))
      assert.deepEqual([...types], [spent])
      const { intermediate } = (await traces(here, project)) as { intermediate: unknown[] }
      assert.equal(intermediate.length, 1)
      await refuseEnter(way, proof, 401, spent)
    })

    test('nothing of one project opens another, and nothing of an organization opens discovery', async () => {
      const { here, project, proofFor, enter, refuseEnter, organization, member } = await discoveryScene(engine)
      const email_address = newAddress()
      const proof = await proofFor(way, email_address)
      const other = await here.project('B2B')
      await newOrganization(here, other)
      const before = await traces(here, project)
      await refuse(here, other, authenticate, proof, 404, unknown)
      assert.deepEqual(await traces(here, project), before)
      const acme = await organization()
      await member(acme, { email_address })
      const elsewhere = {
        link: ['POST /v1/b2b/magic_links/email/login_or_signup', 'POST /v1/b2b/magic_links/authenticate'],
        code: ['POST /v1/b2b/otps/email/login_or_signup', 'POST /v1/b2b/otps/email/authenticate'],
      }[way]
      const { organization_id } = acme
      here.clock.advance(1000)
      await call(here, project, elsewhere[0] ?? '', { organization_id, email_address })
      const theirs = { organization_id, magic_links_token: Object.values(proof)[0], ...proof }
      const answer = await call(here, project, elsewhere[1] ?? '', theirs)
      assert.equal(answer.status, 404, 'a discovery message signs nobody in to an organization by itself')
      // And the message of the organization, sent later, has not superseded the one of discovery.
      await enter(way, proof)
      await refuseEnter(way, proof, 401, spent)
    })

    test('a locked address is refused until the lock ends, and nothing is used up', async () => {
      const { here, project, proofFor, enter, refuseEnter } = await discoveryScene(engine)
      const email_address = newAddress()
      for (let n = 0; n < 10; n++) {
        await refuseEnter('code', { email_address, code: '000000' }, 404, 'otp_code_not_found')
      }
      const proof = await proofFor(way, email_address)
      const before = await traces(here, project)
      await refuseEnter(way, proof, 429, 'user_lock_limit_reached')
      assert.deepEqual(await traces(here, project), before)
      here.clock.advance(60 * MINUTE)
      await enter(way, await proofFor(way, email_address))
      const { failures } = (await traces(here, project)) as { failures: unknown[] }
      assert.deepEqual(failures, [])
    })

    test('what proves something is never logged', async () => {
      const { here, proofFor, enter } = await discoveryScene(engine)
      const from = here.logged.length
      const proof = await proofFor(way, newAddress())
      const { intermediate_session_token } = await enter(way, proof)
      const secret = Object.values(proof).at(-1) as string
      for (const line of here.logged.slice(from)) {
        assert.ok(!line.includes(`"${secret}"`) && !line.includes(intermediate_session_token))
      }
    })
  })
}
