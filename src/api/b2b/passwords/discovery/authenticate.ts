/** POST /v1/b2b/passwords/discovery/authenticate: the password of an address leads to its organizations. */
import { z } from 'zod'
import { discoverByPassword } from '../../../../domain/signin/discovery_password.ts'
import { discoveryShape } from '../../../../wire/discovery.ts'
import { operation } from '../../../operation.ts'
import { discoveryReply } from '../../discovery_reply.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/passwords/discovery/authenticate',
  name: 'api_b2b_password_v1_b2b_passwords_discovery_Authenticate',
  sdk: 'passwords.discovery.authenticate',
  summary:
    'Authenticates an email address by its password, where that holds for all organizations, for an intermediate session.',
  caller: 'project',
  vertical: 'b2b',
  body: { email_address: z.string(), password: z.string() },
  reply: discoveryShape,
  async run(app, { environment, body }) {
    return discoveryReply(app, environment, await discoverByPassword(app, environment, body))
  },
})
