/** PATCH /pwa/v3/projects/{project_slug}/environments/{environment_slug}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { onBothEngines, type World, world } from '../../../support/world.ts'

const settings = {
  name: 'Staging',
  cross_org_passwords_enabled: true,
  user_impersonation_enabled: true,
  zero_downtime_session_migration_url: 'https://example.com/userinfo',
  use_custom_domain_in_magic_link_emails: true,
  user_lock_self_serve_enabled: true,
  user_lock_threshold: 5,
  user_lock_ttl: 600,
  idp_authorization_url: 'https://example.com/consent',
  idp_dynamic_client_registration_enabled: true,
  idp_dynamic_client_registration_access_token_template_content: '{"field": {{ user.user_id }} }',
}

async function read(here: World, path: string) {
  return (await succeed(here, here.workspace, `GET ${path}`)).environment
}

onBothEngines('environments.update', (engine) => {
  test('stores every setting, and answers with what the next read shows', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = await read(here, project.path)
    const { environment } = await succeed(here, here.workspace, `PATCH ${project.path}`, settings)
    assert.deepEqual(environment, { ...before, ...settings })
    assert.deepEqual(await read(here, project.path), environment)
  })

  test('leaves other environments of the project as they are', async () => {
    const here = await world(engine)
    const project = await here.project()
    const live = project.path.replace(/[^/]+$/, project.live.environment_slug)
    const before = await read(here, live)
    await succeed(here, here.workspace, `PATCH ${project.path}`, settings)
    assert.deepEqual(await read(here, live), before)
  })

  test('keeps what is absent or null', async () => {
    const here = await world(engine)
    const project = await here.project()
    await succeed(here, here.workspace, `PATCH ${project.path}`, settings)
    const changed = await succeed(here, here.workspace, `PATCH ${project.path}`, {
      name: 'Renamed',
      user_lock_ttl: null,
      idp_authorization_url: null,
      user_impersonation_enabled: null,
    })
    const { environment } = await succeed(here, here.workspace, `PATCH ${project.path}`, {})
    assert.deepEqual(environment, changed.environment)
    assert.partialDeepStrictEqual(environment, { ...settings, name: 'Renamed' })
  })

  test('turns settings off by false, and clears URLs and texts by an empty one', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = await read(here, project.path)
    await succeed(here, here.workspace, `PATCH ${project.path}`, settings)
    const { environment } = await succeed(here, here.workspace, `PATCH ${project.path}`, {
      name: before.name,
      cross_org_passwords_enabled: false,
      user_impersonation_enabled: false,
      zero_downtime_session_migration_url: '',
      use_custom_domain_in_magic_link_emails: false,
      user_lock_self_serve_enabled: false,
      user_lock_threshold: 10,
      user_lock_ttl: 3600,
      idp_authorization_url: '',
      idp_dynamic_client_registration_enabled: false,
      idp_dynamic_client_registration_access_token_template_content: '',
    })
    assert.deepEqual(environment, before)
  })

  test('takes the limits of threshold and lock time', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const [user_lock_threshold, user_lock_ttl] of [
      [1, 300],
      [100, 604_800],
    ]) {
      const change = { user_lock_threshold, user_lock_ttl }
      const { environment } = await succeed(here, here.workspace, `PATCH ${project.path}`, change)
      assert.partialDeepStrictEqual(environment, change)
    }
  })

  test('refuses what is out of range or malformed, and changes nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = await read(here, project.path)
    const cases: [change: object, error_type: string][] = [
      [{ user_lock_threshold: 0 }, 'invalid_user_lock_threshold'],
      [{ user_lock_threshold: 101 }, 'invalid_user_lock_threshold'],
      [{ user_lock_threshold: -5 }, 'invalid_user_lock_threshold'],
      [{ user_lock_ttl: 299 }, 'invalid_user_lock_ttl'],
      [{ user_lock_ttl: 604_801 }, 'invalid_user_lock_ttl'],
      [{ zero_downtime_session_migration_url: 'example.com/userinfo' }, 'bad_request'],
      [{ zero_downtime_session_migration_url: 'ftp://example.com' }, 'bad_request'],
      [{ idp_authorization_url: 'javascript:alert(1)' }, 'bad_request'],
      [{ name: '' }, 'bad_request'],
      [{ name: ' ' }, 'bad_request'],
      [{ user_lock_threshold: 1.5 }, 'bad_request'],
      [{ user_lock_ttl: '600' }, 'bad_request'],
      [{ user_impersonation_enabled: 'true' }, 'bad_request'],
    ]
    for (const [change, error_type] of cases) {
      const body = { cross_org_passwords_enabled: true, ...change }
      const { error_message } = await refuse(here, here.workspace, `PATCH ${project.path}`, body, 400, error_type)
      assert.ok(error_message.includes(Object.keys(change)[0]), error_message)
    }
    assert.deepEqual(await read(here, project.path), before)
  })

  test('ignores what cannot be changed', async () => {
    const here = await world(engine)
    const project = await here.project()
    const before = await read(here, project.path)
    const fixed = { environment_slug: 'x', project_slug: 'x', project_id: 'x', type: 'LIVE', oauth_callback_id: 'x' }
    const { environment } = await succeed(here, here.workspace, `PATCH ${project.path}`, fixed)
    assert.deepEqual(environment, before)
  })

  test('loses neither of two changes made at the same time', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { name, ...rest } = settings
    await Promise.all(
      Object.entries(rest).map(([field, value]) =>
        succeed(here, here.workspace, `PATCH ${project.path}`, { [field]: value }),
      ),
    )
    assert.partialDeepStrictEqual(await read(here, project.path), rest)
  })

  test('records which fields changed, without their values', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { request_id } = await succeed(here, here.workspace, `PATCH ${project.path}`, {
      name: 'Renamed',
      idp_authorization_url: 'https://example.com/consent',
    })
    const events = await here.app.store.read
      .selectFrom('events')
      .selectAll()
      .where('project_id', '=', project.id)
      .where('type', '=', 'environment.updated')
      .execute()
    assert.deepEqual(
      events.map(({ subject_id, details, request_id }) => ({ subject_id, details: JSON.parse(details), request_id })),
      [{ subject_id: project.id, details: { fields: ['name', 'idp_authorization_url'] }, request_id }],
    )
  })
})
