/** The official client migrates a session from a real OpenID provider with a real access token. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type OpenIdProvider, startOpenIdProvider } from '../fakes/openid_provider.ts'
import { clientOf, expectRefusal, listening, manage } from '../support/sdk.ts'
import { engines, world } from '../support/world.ts'

describe('migrating from an OpenID provider with the official client', () => {
  let provider: OpenIdProvider
  before(async () => {
    provider = await startOpenIdProvider({ sub: 'legacy|1', email: 'Ada@example.com', email_verified: true })
  })
  after(() => provider.stop())

  for (const engine of engines) {
    test(`a living access token becomes a session, a wrong one does not (${engine})`, async () => {
      const here = await world(engine)
      const project = await here.project()
      const { url, stop } = await listening(here)
      try {
        const client = clientOf(project, url)
        const { user_id } = await client.users.create({ email: 'ada@example.com' })
        const session_token = await provider.accessToken()
        const fields = { session_token, session_duration_minutes: 60 }
        await expectRefusal(client.sessions.migrate(fields), 400, 'migrate_from_external_missing_userinfo')
        await manage(here, url, 'PATCH', project.path, { zero_downtime_session_migration_url: provider.userinfo_url })

        const migrated = await client.sessions.migrate(fields)
        assert.equal(migrated.user_id, user_id)
        assert.equal(migrated.session?.authentication_factors[0]?.type, 'imported')
        const again = await client.sessions.authenticate({ session_token: migrated.session_token })
        assert.equal(again.session.session_id, migrated.session?.session_id)

        const wrong = client.sessions.migrate({ session_token: `${session_token}x`, session_duration_minutes: 60 })
        await expectRefusal(wrong, 400, 'migrate_from_external_unexpected_response')
        await client.users.delete({ user_id })
        await expectRefusal(client.sessions.migrate(fields), 404, 'migrate_from_external_email_does_not_exist')
      } finally {
        await stop()
      }
    })
  }
})
