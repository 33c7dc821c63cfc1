/** POST /v1/b2b/passwords/discovery/email/reset/start: mails an address a link that sets its password. */
import { z } from 'zod'
import { startDiscoveryPasswordReset } from '../../../../../domain/signin/discovery_password.ts'
import { memberResetFields } from '../../../../../wire/password.ts'
import { locale } from '../../../../../wire/sending.ts'
import { maybe } from '../../../../../wire/shape.ts'
import { operation } from '../../../../operation.ts'

export const resetStart = operation({
  route: 'POST /v1/b2b/passwords/discovery/email/reset/start',
  name: 'api_b2b_password_v1_b2b_passwords_discovery_email_ResetStart',
  sdk: 'passwords.discovery.email.resetStart',
  summary: 'Mails an address, whoever has it, a link to set its password, and one to go on without it.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string(),
    ...memberResetFields,
    discovery_redirect_url: maybe(z.string()).describe('Where the link to go on without the password leads.'),
    pkce_code_challenge: maybe(z.string()).describe('SHA-256 of the verifier in unpadded base64url (RFC 7636).'),
    ...locale('api_b2b_password_v1_ResetStartRequestLocale'),
  },
  reply: {},
  async run(app, { environment, body }) {
    await startDiscoveryPasswordReset(app, environment, body)
    return {}
  },
})
