/** POST /v1/b2b/totp/migrate: gives a member the authenticator app they had in another system. */
import { z } from 'zod'
import { getMember } from '../../../domain/members/reference.ts'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { importMemberTotp, readImportedTotp } from '../../../domain/signin/member_totp.ts'
import { memberNamed } from '../../../wire/second_factor.ts'
import { operation } from '../../operation.ts'
import { memberReply, memberReplyShape } from '../member_reply.ts'

export const migrate = operation({
  route: 'POST /v1/b2b/totp/migrate',
  name: 'api_b2b_totp_v1_Migrate',
  sdk: 'totps.migrate',
  summary: 'Imports the secret of an authenticator app for a member; it counts at once.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    ...memberNamed,
    secret: z.string().describe('The shared secret in base32.'),
    recovery_codes: z.array(z.string()).describe('Those of the other system; ten new ones are made when it is empty.'),
  },
  reply: {
    ...memberReplyShape,
    totp_registration_id: z.string(),
    recovery_codes: z.array(z.string()),
  },
  async run(app, { environment, body }) {
    const given = readImportedTotp(body)
    const organization = await getOrganization(app, environment, body.organization_id)
    const known = await getMember(app, environment, organization, body.member_id)
    const imported = await importMemberTotp(app, environment, { organization, member: known }, given)
    const { member, totp_registration_id, recovery_codes } = imported
    return { totp_registration_id, recovery_codes, ...memberReply(app, environment, organization, member) }
  },
})
