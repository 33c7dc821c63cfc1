/** POST /v1/b2b/magic_links/discovery/authenticate: a discovery link shows where its address can go. */
import { z } from 'zod'
import { discoverByMagicLink } from '../../../../domain/discovery/links.ts'
import { startDiscovery } from '../../../../domain/discovery/start.ts'
import { proofOfLink } from '../../../../domain/sandbox/sandbox.ts'
import { discoveryShape } from '../../../../wire/discovery.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { discoveryReply } from '../../discovery_reply.ts'

export const authenticate = operation({
  route: 'POST /v1/b2b/magic_links/discovery/authenticate',
  name: 'api_b2b_magic_v1_b2b_magic_links_discovery_Authenticate',
  sdk: 'magicLinks.discovery.authenticate',
  summary: 'Redeems a discovery link, once, for an intermediate session and the organizations it leads to.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    discovery_magic_links_token: z.string().describe('The token of the link.'),
    pkce_code_verifier: maybe(z.string()).describe('The verifier whose hash the flow was started with.'),
  },
  reply: discoveryShape,
  async sandbox(app, { environment, body }) {
    const proof = proofOfLink(environment, body.discovery_magic_links_token)
    if (!proof || !('email_factor' in proof)) return undefined
    const { email_address } = proof.email_factor
    return discoveryReply(app, environment, await startDiscovery(app, environment, { email_address, proof }))
  },
  async run(app, { environment, body }) {
    const given = { token: body.discovery_magic_links_token, code_verifier: body.pkce_code_verifier }
    return discoveryReply(app, environment, await discoverByMagicLink(app, environment, given))
  },
})
