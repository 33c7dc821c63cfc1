/** POST /v1/otps/authenticate: a one-time code signs its user in. */
import { z } from 'zod'
import { checkAttributes } from '../../../domain/attributes.ts'
import { proofOfCode } from '../../../domain/sandbox/sandbox.ts'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { readCode, signInByCode } from '../../../domain/signin/one_time_code.ts'
import { attributeOptions, attributes } from '../../../wire/sending.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { contactProvenShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { sandboxContactProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/otps/authenticate',
  name: 'api_otp_v1_Authenticate',
  sdk: 'otps.authenticate',
  summary: 'Authenticates a one-time code, for a session or as a factor of one, and verifies where it was sent to.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    method_id: z.string().describe('The email_id or phone_id that the code was sent to.'),
    code: z.string().describe('The six digits.'),
    ...attributes,
    ...attributeOptions,
    ...presentedSession,
    ...sessionChange,
    ...telemetry,
  },
  reply: contactProvenShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  sandbox: (app, { environment, body }) =>
    sandboxContactProven(app, environment, proofOfCode(environment, body.method_id, body.code), body),
  async run(app, { environment, body }, lookup) {
    const code = readCode(environment, body)
    const match = { attributes: checkAttributes(body.attributes), options: body.options }
    const change = { ...readSessionChange(body), attributes: match.attributes }
    const presented = await requirePresented(app, environment, body, lookup)
    const result = await signInByCode(app, environment, code, match, presented, change)
    const { reset_sessions } = result
    return { ...(await signedIn(app, environment, result)), method_id: code.method_id, reset_sessions }
  },
})
