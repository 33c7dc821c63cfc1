/** POST /v1/b2b/totp: enrols an authenticator app for a member. */
import { z } from 'zod'
import { findStanding, lookUpProven } from '../../../domain/signin/member_second_factor.ts'
import { enrolMemberTotp, readTotpMinutes } from '../../../domain/signin/member_totp.ts'
import { memberNamed, provenBefore } from '../../../wire/second_factor.ts'
import { maybe, wholeNumber } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { memberReply, memberReplyShape } from '../member_reply.ts'

export const create = operation({
  route: 'POST /v1/b2b/totp',
  name: 'api_b2b_totp_v1_Create',
  sdk: 'totps.create',
  summary: 'Enrols an authenticator app for a member, with ten recovery codes.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    expiration_minutes: maybe(wholeNumber).describe(
      'Until when the first code must be used: 5 to 1440, an hour unless given.',
    ),
    ...provenBefore,
  },
  reply: {
    ...memberReplyShape,
    totp_registration_id: z.string(),
    secret: z.string().describe('The shared secret in base32, for apps that cannot read the QR code.'),
    qr_code: z.string().describe('A data URL of a PNG that authenticator apps read.'),
    recovery_codes: z.array(z.string()).describe('Each signs in once when the app is lost.'),
  },
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: false }),
  async run(app, { environment, body }, lookup) {
    const minutes = readTotpMinutes(body.expiration_minutes)
    const standing = await findStanding(app, environment, body, lookup, { signing_in: false })
    const { organization, member, ...enrolled } = await enrolMemberTotp(app, environment, standing, minutes)
    return { ...enrolled, ...memberReply(app, environment, organization, member) }
  },
})
