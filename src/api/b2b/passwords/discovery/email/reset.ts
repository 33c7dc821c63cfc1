/** POST /v1/b2b/passwords/discovery/email/reset: the token of a reset link sets the password of an address and leads to its organizations. */
import { z } from 'zod'
import { resetDiscoveryPassword } from '../../../../../domain/signin/discovery_password.ts'
import { discoveryShape } from '../../../../../wire/discovery.ts'
import { newPassword } from '../../../../../wire/password.ts'
import { maybe } from '../../../../../wire/shape.ts'
import { operation } from '../../../../operation.ts'
import { discoveryReply } from '../../../discovery_reply.ts'

export const reset = operation({
  route: 'POST /v1/b2b/passwords/discovery/email/reset',
  name: 'api_b2b_password_v1_b2b_passwords_discovery_email_Reset',
  sdk: 'passwords.discovery.email.reset',
  summary:
    'Redeems a reset link, once: sets the password of the address, ends the sessions of its members, and starts a discovery.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    password_reset_token: z.string().describe('The token of the link.'),
    password: newPassword,
    pkce_code_verifier: maybe(z.string()).describe('The verifier whose hash the flow was started with.'),
  },
  reply: discoveryShape,
  async run(app, { environment, body }) {
    const { password_reset_token: token, password, pkce_code_verifier: code_verifier } = body
    const discovery = await resetDiscoveryPassword(app, environment, { token, password, code_verifier })
    return discoveryReply(app, environment, discovery)
  },
})
