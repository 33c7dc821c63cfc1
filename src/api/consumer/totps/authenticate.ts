/** POST /v1/totps/authenticate: the code of an authenticator app signs its user in. */
import { z } from 'zod'
import { proofOfTotp } from '../../../domain/sandbox/sandbox.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { readTotpCode, signInByTotp } from '../../../domain/signin/totp.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { sandboxAppProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/totps/authenticate',
  name: 'api_totp_v1_Authenticate',
  sdk: 'totps.authenticate',
  summary: 'Authenticates the code of an authenticator app, once; the first one verifies the app.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    user_id: z.string().describe('The user, by user_id or external_id.'),
    totp_code: z.string().describe('The six digits that the app shows.'),
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: { ...signedInShape, totp_id: z.string() },
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  sandbox: (app, { environment, body }) =>
    sandboxAppProven(app, environment, proofOfTotp(environment, body.user_id, body.totp_code), body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const given = { user_id: body.user_id, code: readTotpCode(body.totp_code) }
    const presented = await requirePresented(app, environment, body, lookup)
    const { totp_id, ...signIn } = await signInByTotp(app, environment, given, presented, change)
    return { totp_id, ...(await signedIn(app, environment, signIn)) }
  },
})
