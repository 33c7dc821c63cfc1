/** POST /v1/totps/recovery_codes: the recovery codes a user has left. */
import { z } from 'zod'
import { listRecoveryCodes } from '../../../domain/signin/totp_enrolment.ts'
import { TotpWithRecoveryCodes } from '../../../wire/totp.ts'
import { operation } from '../../operation.ts'

export const recoveryCodes = operation({
  route: 'POST /v1/totps/recovery_codes',
  name: 'api_totp_v1_RecoveryCodes',
  sdk: 'totps.recoveryCodes',
  summary: 'Reads the recovery codes of a user that have not been used.',
  caller: 'project',
  vertical: 'consumer',
  body: { user_id: z.string().describe('The user, by user_id or external_id.') },
  reply: { user_id: z.string(), totps: z.array(TotpWithRecoveryCodes) },
  run: (app, { environment, body }) => listRecoveryCodes(app, environment, body.user_id),
})
