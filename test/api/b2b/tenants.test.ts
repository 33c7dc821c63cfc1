/** No operation lets one tenant near another: not with the credentials of another project, and not with ids of another organization. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { inspect, isDeepStrictEqual } from 'node:util'
import { operations } from '../../../src/api/index.ts'
import type { Operation } from '../../../src/api/operation.ts'
import { updateEnvironment } from '../../../src/domain/projects/environment.ts'
import { type Answer, call } from '../../support/call.ts'
import { trustMemberIssuer } from '../../support/member_issuer.ts'
import { ways } from '../../support/member_ways.ts'
import { toPeriodStart } from '../../support/one_time_codes.ts'
import { actingWith } from '../../support/organizations.ts'
import { newTenant, type Recipe, type Request, recipes, type Tenant } from '../../support/tenant_requests.ts'
import {
  type Credentials,
  type Engine,
  onBothEngines,
  type TestProject,
  type World,
  world,
} from '../../support/world.ts'

const concerned = operations.filter(({ path, caller }) => path.startsWith('/v1/b2b/') && caller === 'project')

test('there is a request for every operation of B2B projects, and for no other', () => {
  const names = concerned.map(({ sdk }) => sdk).toSorted()
  assert.deepEqual(Object.keys(recipes).toSorted(), names)
})

onBothEngines('tenants', (engine) => {
  // Answers for whoever shows an address: what an external session stands for.
  const provider = createServer(({ headers }, response) => {
    const email = headers.authorization?.replace(/^Bearer /, '')
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ email }))
  })
  const listening = new Promise<string>((resolve) => {
    provider.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(provider.address() as AddressInfo).port}`))
  })
  after(() => {
    provider.closeAllConnections()
    provider.close()
  })

  const scene = async () => {
    const { here, ours, theirs } = await makeProjects(engine, await listening)
    toPeriodStart(here, 600)
    const a = await newTenant(here, ours.project, ours.issuer)
    const b = await newTenant(here, ours.project, ours.issuer)
    const q = await newTenant(here, theirs.project, theirs.issuer)
    return { here, a, b, q }
  }

  for (const operation of concerned) {
    for (const [index, recipe] of (recipes[operation.sdk] ?? []).entries()) {
      test(`${operation.sdk}, request ${index + 1}`, async () => refuseStrangers(await scene(), operation, recipe))
    }
  }

  test('revoking a session that another project has ends nothing', async () => {
    const { here, a, q } = await scene()
    const session_token = await a.session()
    const before = await everything(a, q)
    const answer = await call(here, q.project, 'POST /v1/b2b/sessions/revoke', { session_token })
    assert.ok(answer.status === 200 || answer.status >= 400)
    assert.deepEqual(await everything(a, q), before)
  })

  test('a member cannot revoke a session of another organization, however it is named', async () => {
    const { here, a, b, q } = await scene()
    const session_token = await a.session()
    const query = `organization_id=${a.organization_id}&member_id=${a.member_id}`
    const { member_sessions } = await a.succeed(`GET /v1/b2b/sessions?${query}`)
    const [{ member_session_id }] = member_sessions
    const acting = actingWith(here, await b.session())
    const before = await everything(a, q)
    for (const body of [{ session_token }, { member_session_id }, { member_id: a.member_id }]) {
      refused(await call(acting, a.project, 'POST /v1/b2b/sessions/revoke', body), inspect(body))
    }
    assert.deepEqual(await everything(a, q), before)
  })

  for (const way of ['link', 'code'] as const) {
    test(`beside a mailed ${way}, sessions of strangers give nothing and lose nothing`, async () => {
      const { here, a, b, q } = await scene()
      const enter = (fields: object) => call(here, a.project, ways[way].authenticate, fields)
      const proof = await a.mailed(way)
      const start = await everything(a, q)
      for (const stranger of [
        { session_token: await q.session() },
        { intermediate_session_token: await q.intermediate() },
      ]) {
        refused(await enter({ ...proof, ...stranger }), 'with a session of another project')
      }
      assert.deepEqual((await everything(a))[a.project.id], start[a.project.id])
      const strangers = [{ session_token: await b.session() }, { intermediate_session_token: await b.intermediate() }]
      for (const stranger of strangers) {
        const fields = { ...(await a.mailed(way)), ...stranger }
        const before = await rowsOf(b)
        const { status, body } = await enter(fields)
        assert.deepEqual([status, body.member_id, body.member_authenticated], [200, a.member_id, false])
        assert.ok(!Object.values(stranger).includes(body.intermediate_session_token))
        assert.deepEqual(await rowsOf(b), before)
      }
    })
  }
})

type Scene = { here: World; a: Tenant; b: Tenant; q: Tenant }

/** Two projects with issuers they trust; whoever shows an address to `provider` has an external session. */
async function makeProjects(engine: Engine, provider: string) {
  const here = await world(engine)
  const make = async () => {
    const project = await here.project('B2B')
    await updateEnvironment(here.app, project.id, { zero_downtime_session_migration_url: provider })
    return { project, issuer: await trustMemberIssuer(here, project, { can_jit_provision: false }) }
  }
  return { here, ours: await make(), theirs: await make() }
}

async function refuseStrangers({ here, a, b, q }: Scene, operation: Operation, recipe: Recipe): Promise<void> {
  const [ofA, ofB, ofQ] = [await recipe(a), await recipe(b), await recipe(q)]
  const acting = actingWith(here, await b.session())
  const foreign = actingWith(here, await q.session())
  const before = await everything(a, q)
  const send = (who: World, { id, secret }: Credentials, request: Request) =>
    call(who, { id, secret }, routeOf(operation, request), operation.has_body ? (request.body ?? {}) : undefined)
  const no = async (who: World, project: TestProject, request: Request, what: string) =>
    refused(await send(who, project, request), `${what}: ${inspect(request, { depth: 9 })}`)

  if (isDeepStrictEqual(ofA, ofQ)) {
    await leaveAlone(await send(here, q.project, ofQ), a, b, before)
    return
  }
  const within = exchanged(ofA, ofB).filter((request) => !isDeepStrictEqual(request, ofB))
  const ours = await everyRow(a)
  for (const request of [ofA, ...exchanged(ofQ, ofA)]) await no(here, q.project, request, 'by another project')
  assert.deepEqual(await everyRow(a), ours, 'not even a failure is counted in another project')
  for (const request of exchanged(ofA, ofQ)) await no(here, a.project, request, 'with what another project holds')
  for (const request of within) await no(here, a.project, request, 'with what another organization holds')
  if (operation.permission) {
    for (const request of [ofA, ...within]) await no(acting, a.project, request, 'by a member of another organization')
    await no(foreign, a.project, ofA, 'by a member of another project')
  }
  assert.deepEqual(await everything(a, q), before)

  const { status, body } = await send(here, a.project, ofA)
  assert.ok(status < 300, `the request itself was refused: ${inspect(body)}`)
}

/** What names nobody is answered within the project alone. */
async function leaveAlone({ status, body }: Answer, a: Tenant, b: Tenant, before: Record<string, Rows>): Promise<void> {
  assert.ok(status < 300, inspect(body))
  for (const { organization_id } of [a, b]) assert.ok(!JSON.stringify(body).includes(organization_id))
  const { [a.project.id]: ours } = await everything(a)
  assert.deepEqual(ours, before[a.project.id])
}

function refused({ status, body }: Answer, what: string): void {
  assert.ok(status >= 400 && status < 500, `${what} was answered ${status}: ${inspect(body)}`)
}

/** The request with one field at a time as the other has it, where they differ. */
function exchanged(request: Request, other: Request): Request[] {
  return (['params', 'query', 'body'] as const).flatMap((part) =>
    Object.entries(other[part] ?? {})
      .filter(([name, value]) => !isDeepStrictEqual(request[part]?.[name], value))
      .map(([name, value]) => ({ ...request, [part]: { ...request[part], [name]: value } })),
  )
}

function routeOf({ method, path }: Operation, { params = {}, query = {} }: Request): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams(query as Record<string, string>).toString()
  return `${method} ${filled}${search && `?${search}`}`
}

type Rows = Record<string, string[]>

/** The rows of the projects of these tenants, without what counts and tells of refused guesses. */
async function everything(...tenants: Tenant[]): Promise<Record<string, Rows>> {
  const rows: Record<string, Rows> = {}
  for (const tenant of tenants) {
    const { counters, failed_attempts, addresses, events = [], one_time_codes = [], ...rest } = await everyRow(tenant)
    rows[tenant.project.id] = {
      ...rest,
      events: events.filter((event) => !event.includes("'user.authentication_failed'")),
      one_time_codes: one_time_codes.map((code) => code.replace(/failures: \d+/, '')),
    }
  }
  return rows
}

/** Every row of the project of a tenant. */
async function everyRow({ here, project }: Tenant): Promise<Rows> {
  const db = here.app.store.read
  const found: Rows = {}
  for (const name of await tablesOf(here)) {
    const rows = await db.selectFrom(name).selectAll().where('project_id', '=', project.id).execute()
    found[name] = rows.map((row) => inspect(row, { depth: 9, maxStringLength: null, breakLength: Infinity })).toSorted()
  }
  return found
}

/** The rows that tell of the member or organization of a tenant. */
async function rowsOf(tenant: Tenant): Promise<string[]> {
  const { organization_id, member_id, email_address } = tenant
  const names = [organization_id, member_id, email_address]
  const rows = Object.values(await everyRow(tenant)).flat()
  return rows.filter((row) => names.some((name) => row.includes(name)))
}

const tables = new Map<Engine, string[]>()

/** The tables that keep what belongs to projects. */
async function tablesOf({ app, engine }: World): Promise<string[]> {
  let names = tables.get(engine)
  if (!names) {
    const all = await app.store.read.introspection.getTables()
    names = all.filter(({ columns }) => columns.some(({ name }) => name === 'project_id')).map(({ name }) => name)
    tables.set(engine, names)
  }
  return names
}
