/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { succeed } from '../../../support/call.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('environments.get', (engine) => {
  test('answers with every setting, at its default in a new environment', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { environment } = await succeed(here, here.workspace, `GET ${project.path}`)
    const { oauth_callback_id, created_at, ...rest } = environment
    assert.match(oauth_callback_id, /^oauth-callback-test-[0-9a-f-]{36}$/)
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.deepEqual(rest, {
      project_slug: project.environment.project_slug,
      environment_slug: 'test',
      name: 'Test',
      type: 'TEST',
      project_id: project.id,
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
  })
})
