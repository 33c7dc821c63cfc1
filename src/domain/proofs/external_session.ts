/** Proof of a session elsewhere: the provider's OIDC UserInfo endpoint answers with an email address (OIDC Core §5.3). */
import { fail } from '../../errors.ts'
import { OutboundError } from '../../net/outbound.ts'
import { parseEmail } from '../../values/email.ts'
import { isJsonObject } from '../../values/json.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'

/**
 * Asks the UserInfo endpoint of the environment with the provider's access token and returns the email address, and whether
 * the provider says that it was verified. Refuses with `migrate_from_external_missing_userinfo` or `migrate_from_external_unexpected_response`.
 */
export async function proveExternalSession(
  app: App,
  environment: Environment,
  access_token: string,
): Promise<{ email: string; verified: boolean }> {
  const url = environment.settings.zero_downtime_session_migration_url
  if (url === '') fail('migrate_from_external_missing_userinfo')
  // Providers use more characters than RFC 6750 grants bearer tokens; anything but visible ASCII would break the header.
  if (!/^[\x21-\x7e]+$/.test(access_token)) {
    fail('bad_request', 'session_token must be an access token of the external provider, in visible ASCII characters.')
  }
  const claims = await askUserInfo(app, url, access_token)
  const email = typeof claims.email === 'string' ? parseEmail(claims.email) : undefined
  if (email === undefined) fail('migrate_from_external_unexpected_response', 'The UserInfo answer has no usable email.')
  if (claims.email_verified === false || claims.email_verified === 'false') {
    fail('migrate_from_external_unexpected_response', 'The UserInfo answer says that the email is not verified.')
  }
  return { email, verified: claims.email_verified === true || claims.email_verified === 'true' }
}

async function askUserInfo(app: App, url: string, access_token: string): Promise<Record<string, unknown>> {
  try {
    const { status, body } = await app.outbound.request(url, {
      headers: { authorization: `Bearer ${access_token}`, accept: 'application/json' },
    })
    if (status < 200 || status > 299) {
      fail(
        'migrate_from_external_unexpected_response',
        `The external UserInfo endpoint answered with status ${status}.`,
      )
    }
    const claims: unknown = JSON.parse(body.toString('utf8'))
    if (isJsonObject(claims)) return claims
  } catch (error) {
    if (error instanceof OutboundError) {
      app.log.warn({ reason: error.reason }, `The UserInfo endpoint could not be asked: ${error.message}`)
      fail(
        'migrate_from_external_unexpected_response',
        `The external UserInfo endpoint could not be asked: ${error.message}`,
      )
    }
    if (!(error instanceof SyntaxError)) throw error
  }
  fail('migrate_from_external_unexpected_response', 'The external UserInfo endpoint did not answer with a JSON object.')
}
