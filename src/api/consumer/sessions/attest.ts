/** POST /v1/sessions/attest: a JWT of an issuer the project trusts signs its user in. */
import { z } from 'zod'
import { verifyTrustedToken } from '../../../domain/proofs/trusted_token.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { signInByTrustedToken } from '../../../domain/signin/trusted_token.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { signedIn } from '../signed_in.ts'

export const attest = operation({
  route: 'POST /v1/sessions/attest',
  name: 'api_session_v1_Attest',
  sdk: 'sessions.attest',
  summary: 'Exchanges a trusted auth token for a session, or adds it as a factor to one.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    profile_id: z.string().describe('The trusted token profile to verify with.'),
    token: z.string().describe('The signed JWT.'),
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: signedInShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = await requirePresented(app, environment, body, lookup)
    const token = await verifyTrustedToken(app, environment, body)
    return signedIn(app, environment, await signInByTrustedToken(app, environment, token, presented, change))
  },
})
