/** POST /v1/b2b/magic_links/email/discovery/send: mails a link that leads to the organizations of an address. */
import { z } from 'zod'
import { mailDiscoveryLink } from '../../../../../domain/discovery/links.ts'
import { isSandboxEmail } from '../../../../../domain/sandbox/sandbox.ts'
import { locale, minutes, templateId } from '../../../../../wire/sending.ts'
import { maybe } from '../../../../../wire/shape.ts'
import { operation } from '../../../../operation.ts'

export const send = operation({
  route: 'POST /v1/b2b/magic_links/email/discovery/send',
  name: 'api_b2b_magic_v1_b2b_magic_links_email_discovery_Send',
  sdk: 'magicLinks.email.discovery.send',
  summary: 'Mails a discovery link to any address; the answer does not tell whether anybody has it.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string(),
    discovery_redirect_url: maybe(z.string()).describe('A registered DISCOVERY redirect URL; the default without it.'),
    discovery_expiration_minutes: minutes('How long the link can be used: 5 to 10080 minutes, 60 without it.'),
    pkce_code_challenge: maybe(z.string()).describe('SHA-256 of the verifier in unpadded base64url (RFC 7636).'),
    login_template_id: templateId,
    ...locale('api_b2b_magic_v1_SendRequestLocale'),
  },
  reply: {},
  sandbox: async (_, { environment, body }) => (isSandboxEmail(environment, body.email_address) ? {} : undefined),
  async run(app, { environment, body }) {
    await mailDiscoveryLink(app, environment, body)
    return {}
  },
})
