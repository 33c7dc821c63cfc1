/** What the generator of large installations makes is what the server would have made. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Growth, grow, isExpiredAt, livingTokens, tokenAt } from '../../bench/grow.ts'
import type { Environment } from '../../src/domain/configuration/environment.ts'
import { refuse, succeed } from '../support/call.ts'
import { onBothEngines, type TestProject, type World, world } from '../support/world.ts'

const growth: Growth = {
  seed: 'a test',
  users: 7,
  organizations: 3,
  members: 5,
  sessions: 20,
  member_sessions: 6,
  expired: 0.5,
}

async function environmentOf(here: World, { id }: TestProject): Promise<Environment> {
  const environment = await here.app.environment(id)
  assert.ok(environment)
  return environment
}

async function grown(here: World): Promise<{ consumer: TestProject; b2b: TestProject }> {
  const [consumer, b2b] = [await here.project(), await here.project('B2B')]
  await grow(here.app, { consumer: await environmentOf(here, consumer), b2b: await environmentOf(here, b2b) }, growth)
  return { consumer, b2b }
}

onBothEngines('growing an installation', (engine) => {
  test('the tokens of living sessions of users authenticate, those of expired ones do not', async () => {
    const here = await world(engine)
    const { consumer } = await grown(here)
    const owners = new Set<string>()
    for (let number = 0; number < growth.sessions; number++) {
      const body = { session_token: tokenAt(growth.seed, 'user', number) }
      const route = 'POST /v1/sessions/authenticate'
      if (isExpiredAt(growth, number)) await refuse(here, consumer, route, body, 404, 'session_not_found')
      else owners.add((await succeed(here, consumer, route, body)).user.user_id)
    }
    assert.equal(owners.size, growth.users)
    const spread = livingTokens(growth, 5)
    assert.equal(new Set(spread).size, 5)
    for (const session_token of spread) {
      await succeed(here, consumer, 'POST /v1/sessions/authenticate', { session_token })
    }
  })

  test('members are signed in to their organizations', async () => {
    const here = await world(engine)
    const { b2b } = await grown(here)
    const session_token = tokenAt(growth.seed, 'member', 0)
    const { member, organization } = await succeed(here, b2b, 'POST /v1/b2b/sessions/authenticate', { session_token })
    assert.equal(member.organization_id, organization.organization_id)
    const { organizations } = await succeed(here, b2b, 'POST /v1/b2b/organizations/search', {})
    assert.equal(organizations.length, growth.organizations)
    const { members } = await succeed(here, b2b, 'POST /v1/b2b/organizations/members/search', {
      organization_ids: organizations.map(({ organization_id }: { organization_id: string }) => organization_id),
    })
    assert.equal(members.length, growth.members)
  })

  test('users are found by address and external id, and nobody else can take these', async () => {
    const here = await world(engine)
    const { consumer } = await grown(here)
    const { results } = await succeed(here, consumer, 'POST /v1/users/search', {})
    assert.equal(results.length, growth.users)
    const [{ user_id, external_id, emails }] = results
    assert.equal((await succeed(here, consumer, `GET /v1/users/${external_id}`)).user_id, user_id)
    await refuse(here, consumer, 'POST /v1/users', { email: emails[0].email }, 400, 'duplicate_email')
    await succeed(here, consumer, `PUT /v1/users/${user_id}`, { name: { first_name: 'Grace' } })
    await succeed(here, consumer, `DELETE /v1/users/${user_id}`)
    await succeed(here, consumer, 'POST /v1/users', { email: emails[0].email, external_id })
  })

  test('an installation grows once with a seed', async () => {
    const here = await world(engine)
    const { consumer, b2b } = await grown(here)
    const environments = { consumer: await environmentOf(here, consumer), b2b: await environmentOf(here, b2b) }
    await assert.rejects(grow(here.app, environments, growth), /choose another --seed/)
    await grow(here.app, environments, { ...growth, seed: 'another' })
    const { results } = await succeed(here, consumer, 'POST /v1/users/search', {})
    assert.equal(results.length, 2 * growth.users)
  })
})
