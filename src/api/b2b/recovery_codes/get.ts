/** GET /v1/b2b/recovery_codes/{organization_id}/{member_id}: the recovery codes a member has left. */
import { z } from 'zod'
import { getMember } from '../../../domain/members/reference.ts'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { listMemberRecoveryCodes } from '../../../domain/signin/member_recovery_codes.ts'
import { operation } from '../../operation.ts'
import { memberReply, memberReplyShape } from '../member_reply.ts'

export const get = operation({
  route: 'GET /v1/b2b/recovery_codes/{organization_id}/{member_id}',
  name: 'api_b2b_recovery_codes_v1_Get',
  sdk: 'recoveryCodes.get',
  summary: 'Reads the recovery codes of a member that have not been used.',
  caller: 'project',
  vertical: 'b2b',
  reply: { ...memberReplyShape, recovery_codes: z.array(z.string()) },
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const member = await getMember(app, environment, organization, params.member_id)
    const recovery_codes = await listMemberRecoveryCodes(app, environment, member)
    return { recovery_codes, ...memberReply(app, environment, organization, member) }
  },
})
