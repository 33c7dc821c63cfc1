/** POST /v1/b2b/otps/email/discovery/authenticate: a discovery code shows where its address can go. */
import { z } from 'zod'
import { discoverByCode } from '../../../../../domain/discovery/codes.ts'
import { discoveryShape } from '../../../../../wire/discovery.ts'
import { operation } from '../../../../operation.ts'
import { discoveryReply } from '../../../discovery_reply.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/otps/email/discovery/authenticate',
  name: 'api_b2b_otp_v1_b2b_otp_email_discovery_Authenticate',
  sdk: 'otps.email.discovery.authenticate',
  summary: 'Authenticates a discovery code, for an intermediate session and the organizations it leads to.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string().describe('The address that the code was sent to.'),
    code: z.string().describe('The six digits.'),
  },
  reply: discoveryShape,
  async run(app, { environment, body }) {
    return discoveryReply(app, environment, await discoverByCode(app, environment, body))
  },
})
