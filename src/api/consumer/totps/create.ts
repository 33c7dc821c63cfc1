/** POST /v1/totps: enrols an authenticator app for a user. */
import { z } from 'zod'
import { enrolTotp } from '../../../domain/signin/totp_enrolment.ts'
import { maybe, wholeNumber } from '../../../wire/shape.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const create = operation({
  route: 'POST /v1/totps',
  name: 'api_totp_v1_Create',
  sdk: 'totps.create',
  summary: 'Enrols an authenticator app for a user, with ten recovery codes.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    user_id: z.string().describe('The user, by user_id or external_id.'),
    expiration_minutes: maybe(wholeNumber).describe(
      'Until when the first code must be used: 5 to 1440, a day unless given.',
    ),
  },
  reply: {
    user_id: z.string(),
    totp_id: z.string(),
    secret: z.string().describe('The shared secret in base32, for apps that cannot read the QR code.'),
    qr_code: z.string().describe('A data URL of a PNG that authenticator apps read.'),
    recovery_codes: z.array(z.string()).describe('Each signs in once when the app is lost.'),
    user: User,
  },
  async run(app, { environment, body }) {
    const { user_id, expiration_minutes: minutes } = body
    const { user, ...enrolled } = await enrolTotp(app, environment, { user_id, minutes })
    return { user_id: user.user_id, ...enrolled, user: userToWire(user, app.now()) }
  },
})
