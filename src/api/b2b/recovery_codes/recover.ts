/** POST /v1/b2b/recovery_codes/recover: a recovery code completes the sign-in of a member who has lost the authenticator app. */
import { z } from 'zod'
import { readSessionChange } from '../../../domain/sessions/presented.ts'
import { readMemberRecoveryCode, signInByMemberRecoveryCode } from '../../../domain/signin/member_recovery_codes.ts'
import { findStanding, lookUpProven } from '../../../domain/signin/member_second_factor.ts'
import { memberSessionChange, memberSessionShape } from '../../../wire/member_session.ts'
import { memberNamed, provenBefore } from '../../../wire/second_factor.ts'
import { telemetry } from '../../../wire/session.ts'
import { operation } from '../../operation.ts'
import { memberSession } from '../member_signed_in.ts'

export const recover = operation({
  route: 'POST /v1/b2b/recovery_codes/recover',
  name: 'api_b2b_recovery_codes_v1_Recover',
  sdk: 'recoveryCodes.recover',
  summary: 'Authenticates a recovery code as the second factor of a member; it counts once.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    recovery_code: z.string().describe('One of the codes that came with the authenticator app.'),
    ...provenBefore,
    ...memberSessionChange,
    ...telemetry,
  },
  reply: { ...memberSessionShape, recovery_codes_remaining: z.int().describe('How many have not been used.') },
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: true }),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const code = readMemberRecoveryCode(body.recovery_code)
    const standing = await findStanding(app, environment, body, lookup, { signing_in: true })
    const signIn = await signInByMemberRecoveryCode(app, environment, standing, code, change)
    const { recovery_codes_remaining } = signIn
    return { recovery_codes_remaining, ...(await memberSession(app, environment, signIn)) }
  },
})
