/** POST /v1/magic_links/email/revoke_invite: takes the invitations of an address back. */
import { z } from 'zod'
import { isSandboxEmail } from '../../../../domain/sandbox/sandbox.ts'
import { revokeInvites } from '../../../../domain/signin/magic_links/invite.ts'
import { operation } from '../../../operation.ts'

export const revokeInvite = operation({
  route: 'POST /v1/magic_links/email/revoke_invite',
  name: 'api_magic_v1_magic_links_email_RevokeInvite',
  sdk: 'magicLinks.email.revokeInvite',
  summary: 'Withdraws the pending invitations of an address; the pending user stays.',
  caller: 'project',
  vertical: 'consumer',
  body: { email: z.string() },
  reply: {},
  sandbox: async (_, { environment, body }) => (isSandboxEmail(environment, body.email) ? {} : undefined),
  async run(app, { environment, body }) {
    await revokeInvites(app, environment, body.email)
    return {}
  },
})
