/** The Environment object of the management API, and the settings that requests change. */
import { z } from 'zod'
import type { EnvironmentRecord } from '../domain/projects/environment.ts'
import { rfc3339 } from '../values/time.ts'
import { component, maybe, timestamp } from './shape.ts'

export const Environment = component(
  'pwa_environment_v3_Environment',
  z.strictObject({
    project_slug: z.string(),
    environment_slug: z.string().describe('Names the environment in paths; it never changes.'),
    name: z.string(),
    type: component('pwa_environment_v3_EnvironmentType', z.enum(['LIVE', 'TEST'])),
    project_id: z
      .string()
      .describe('What backends of this environment authenticate with, and the audience of its JWTs.'),
    oauth_callback_id: z.string(),
    cross_org_passwords_enabled: z.boolean(),
    user_impersonation_enabled: z.boolean(),
    zero_downtime_session_migration_url: z.string().describe('Empty when unset.'),
    use_custom_domain_in_magic_link_emails: z.boolean(),
    user_lock_self_serve_enabled: z.boolean(),
    user_lock_threshold: z.int(),
    user_lock_ttl: z.int(),
    idp_authorization_url: z.string().describe('Empty when unset.'),
    idp_dynamic_client_registration_enabled: z.boolean(),
    idp_dynamic_client_registration_access_token_template_content: z.string(),
    created_at: timestamp,
  }),
)

/** The wire form of an environment. */
export function environmentToWire(environment: EnvironmentRecord): z.input<typeof Environment> {
  // Only the command line switches the sandbox; the API does not know it.
  const { sandbox_enabled: _, ...settings } = environment.settings
  return {
    project_slug: environment.project_slug,
    environment_slug: environment.environment_slug,
    name: environment.name,
    type: environment.type,
    project_id: environment.project_id,
    oauth_callback_id: environment.oauth_callback_id,
    ...settings,
    created_at: rfc3339(environment.created_at),
  }
}

/** Settings as requests change them: what is absent stays. */
export const settingsChange = {
  cross_org_passwords_enabled: maybe(z.boolean()).describe(
    'One password an email address, whatever the organization. Changes only while nobody has a password.',
  ),
  user_impersonation_enabled: maybe(z.boolean()).describe('Whether impersonation tokens are accepted.'),
  zero_downtime_session_migration_url: maybe(z.string()).describe(
    'The OIDC UserInfo endpoint that sessions.migrate asks about a foreign session. Empty to unset.',
  ),
  use_custom_domain_in_magic_link_emails: maybe(z.boolean()),
  user_lock_self_serve_enabled: maybe(z.boolean()).describe('Whether a locked user is sent an email that unlocks.'),
  user_lock_threshold: maybe(z.int()).describe('Failed attempts until a user is locked, 1 to 100.'),
  user_lock_ttl: maybe(z.int()).describe('Seconds that a lock lasts, 300 to 604800.'),
  idp_authorization_url: maybe(z.string()).describe(
    'The page that asks for consent to Connected Apps. Empty to unset.',
  ),
  idp_dynamic_client_registration_enabled: maybe(z.boolean()),
  idp_dynamic_client_registration_access_token_template_content: maybe(z.string()).describe(
    'The JWT template of clients that register themselves.',
  ),
}
