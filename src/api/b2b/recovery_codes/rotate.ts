/** POST /v1/b2b/recovery_codes/rotate: ten new recovery codes for a member, in place of all others. */
import { z } from 'zod'
import { getMember } from '../../../domain/members/reference.ts'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { rotateMemberRecoveryCodes } from '../../../domain/signin/member_recovery_codes.ts'
import { memberNamed } from '../../../wire/second_factor.ts'
import { operation } from '../../operation.ts'
import { memberReply, memberReplyShape } from '../member_reply.ts'

export const rotate = operation({
  route: 'POST /v1/b2b/recovery_codes/rotate',
  name: 'api_b2b_recovery_codes_v1_Rotate',
  sdk: 'recoveryCodes.rotate',
  summary: 'Makes all recovery codes of a member void and ten new ones.',
  caller: 'project',
  vertical: 'b2b',
  body: memberNamed,
  reply: { ...memberReplyShape, recovery_codes: z.array(z.string()) },
  async run(app, { environment, body }) {
    const organization = await getOrganization(app, environment, body.organization_id)
    const known = await getMember(app, environment, organization, body.member_id)
    const { member, recovery_codes } = await rotateMemberRecoveryCodes(app, environment, {
      organization,
      member: known,
    })
    return { recovery_codes, ...memberReply(app, environment, organization, member) }
  },
})
