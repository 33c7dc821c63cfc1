/** The authenticator app of a user with its recovery codes; the User object lists apps without them. */
import { z } from 'zod'
import { component } from './shape.ts'

export const TotpWithRecoveryCodes = component(
  'api_totp_v1_TOTP',
  z.strictObject({
    totp_id: z.string(),
    verified: z.boolean().describe('Whether a code of the app has been used.'),
    recovery_codes: z.array(z.string()).describe('Those that have not been used.'),
  }),
)
