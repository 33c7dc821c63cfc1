/** What every management operation refuses alike: callers that are no operators, and places that do not exist. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../../../src/api/index.ts'
import type { Operation } from '../../../src/api/operation.ts'
import { createEnvironment } from '../../../src/domain/projects/environment.ts'
import { getProject } from '../../../src/domain/projects/project.ts'
import { refuse, succeed } from '../../support/call.ts'
import { onBothEngines, type TestProject, world } from '../../support/world.ts'

const management = operations.filter(({ caller }) => caller === 'workspace')

/** The operation's route at that place; ids in it belong to nothing. */
function routeAt(operation: Operation, project_slug: string, environment_slug: string): string {
  const none = '00000000-0000-4000-8000-000000000000'
  const values: Record<string, string> = {
    project_slug,
    environment_slug,
    secret_id: `secret-id-test-${none}`,
    profile_id: `trusted-auth-token-profile-test-${none}`,
    pem_file_id: `pem-file-test-${none}`,
    template_id: 'none',
    email_template_type: 'LOGIN',
  }
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => {
    assert.ok(name in values, `this test knows no value for ${name}`)
    return values[name] as string
  })
  return `${operation.method} ${path}${'url' in operation.query.shape ? '?url=none' : ''}`
}

/** A body that every operation finds complete, so that only the place can be refused. */
const complete = {
  name: 'n',
  audience: 'a',
  issuer: 'i',
  jwks_url: 'https://issuer.example/keys',
  public_key: 'pem',
  url: 'https://a.example',
  country_codes: ['US'],
  template_id: 'none',
}

const ofProject = (project: TestProject, operation: (typeof management)[number]) =>
  routeAt(operation, project.environment.project_slug, project.environment.environment_slug)

onBothEngines('management operations', (engine) => {
  test('refuse a wrong workspace key, whichever half is wrong', async () => {
    const here = await world(engine)
    const project = await here.project()
    const wrong = [
      { id: here.workspace.id, secret: 'x' },
      { id: here.workspace.id, secret: `${here.workspace.secret}x` },
      { id: 'workspace-key-prod-00000000-0000-4000-8000-000000000000', secret: here.workspace.secret },
      { id: '', secret: '' },
    ]
    for (const operation of management) {
      for (const key of wrong) {
        await refuse(here, key, ofProject(project, operation), complete, 401, 'unauthorized_credentials')
      }
    }
  })

  test('refuse a request without credentials, and one with another scheme', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const operation of management) {
      const route = ofProject(project, operation)
      await refuse(here, undefined, route, complete, 401, 'invalid_authorization_header')
      const [method, url] = route.split(' ')
      const headers = { authorization: `Bearer ${here.workspace.secret}` }
      const bearer = await here.server.inject({ method: method as 'GET', url: url as string, headers })
      assert.deepEqual([bearer.statusCode, bearer.json().error_type], [401, 'invalid_authorization_header'])
    }
  })

  test('refuse the credentials of a backend, even for its own environment', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const operation of management) {
      await refuse(here, project, ofProject(project, operation), complete, 401, 'unauthorized_credentials')
    }
  })

  test('refuse a project that does not exist', async () => {
    const here = await world(engine)
    for (const operation of management.filter(({ path }) => path.includes('{project_slug}'))) {
      for (const slug of ['nowhere', 'NOWHERE', 'a%00b', '%20', '']) {
        if (slug === '' && operation.path.endsWith('{project_slug}')) continue
        await refuse(here, here.workspace, routeAt(operation, slug, 'test'), complete, 404, 'project_not_found')
      }
    }
  })

  test('refuse an environment that does not exist, or exists in another project only', async () => {
    const here = await world(engine)
    const [mine, other] = [await here.project(), await here.project()]
    const owner = await getProject(here.app, other.environment.project_slug)
    await createEnvironment(here.app, owner, { name: 'Staging', environment_slug: 'staging', type: 'TEST' })
    for (const operation of management.filter(({ path }) => path.includes('{environment_slug}'))) {
      for (const slug of ['nowhere', 'staging', other.environment.project_id, 'a%00b', '']) {
        if (slug === '' && operation.path.endsWith('{environment_slug}')) continue
        const route = routeAt(operation, mine.environment.project_slug, slug)
        await refuse(here, here.workspace, route, complete, 404, 'environment_not_found')
      }
    }
  })

  test('take a body of nothing for an empty object, and ignore the body of a DELETE', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { secret } = await succeed(here, here.workspace, `POST ${project.path}/secrets`)
    await succeed(here, here.workspace, `DELETE ${project.path}/secrets/${secret.secret_id}`, { secret_id: 'other' })
  })
})
