/** POST /v1/totps/recover: a recovery code signs in the user who has lost the authenticator app. */
import { z } from 'zod'
import { proofOfRecoveryCode } from '../../../domain/sandbox/sandbox.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { readRecoveryCode, signInByRecoveryCode } from '../../../domain/signin/totp.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { sandboxAppProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const recover = operation({
  route: 'POST /v1/totps/recover',
  name: 'api_totp_v1_Recover',
  sdk: 'totps.recover',
  summary: 'Authenticates a recovery code, which counts once.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    user_id: z.string().describe('The user, by user_id or external_id.'),
    recovery_code: z.string().describe('One of the codes that came with the authenticator app.'),
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: { ...signedInShape, totp_id: z.string() },
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  sandbox: (app, { environment, body }) =>
    sandboxAppProven(app, environment, proofOfRecoveryCode(environment, body.user_id, body.recovery_code), body),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const given = { user_id: body.user_id, code: readRecoveryCode(body.recovery_code) }
    const presented = await requirePresented(app, environment, body, lookup)
    const { totp_id, ...signIn } = await signInByRecoveryCode(app, environment, given, presented, change)
    return { totp_id, ...(await signedIn(app, environment, signIn)) }
  },
})
