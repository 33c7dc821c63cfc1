/** POST /v1/magic_links/authenticate: the token of a magic link signs its user in. */
import { z } from 'zod'
import { checkAttributes } from '../../../domain/attributes.ts'
import { proofOfLink } from '../../../domain/sandbox/sandbox.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { signInByMagicLink } from '../../../domain/signin/magic_links/redeem.ts'
import { attributeOptions, attributes, codeVerifier } from '../../../wire/sending.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { contactProvenShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { sandboxContactProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/magic_links/authenticate',
  name: 'api_magic_v1_Authenticate',
  sdk: 'magicLinks.authenticate',
  summary: 'Redeems a magic link, once, for a session, or adds it as a factor to one.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    token: z.string().describe('The token of the link.'),
    ...attributes,
    ...attributeOptions,
    ...presentedSession,
    ...sessionChange,
    ...codeVerifier,
    ...telemetry,
  },
  reply: contactProvenShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  sandbox: (app, { environment, body }) =>
    sandboxContactProven(app, environment, proofOfLink(environment, body.token), body),
  async run(app, { environment, body }, lookup) {
    const change = { ...readSessionChange(body), attributes: checkAttributes(body.attributes) }
    const presented = await requirePresented(app, environment, body, lookup)
    const proven = await signInByMagicLink(app, environment, body, presented, change)
    const { method_id, reset_sessions } = proven
    return { ...(await signedIn(app, environment, proven)), method_id, reset_sessions }
  },
})
