/** DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}: takes a member out of an organization. */
import { z } from 'zod'
import { getMember } from '../../../../domain/members/reference.ts'
import { deleteMember } from '../../../../domain/members/removal.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { operation } from '../../../operation.ts'

export const remove = operation({
  route: 'DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}',
  name: 'api_organization_v1_organizations_members_Delete',
  sdk: 'organizations.members.delete',
  summary: 'Deletes a member, or revokes an invitation; all sessions end at once. The member can be reactivated.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'delete', self: true },
  reply: { member_id: z.string() },
  async run(app, { environment, params }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    const { member_id } = await deleteMember(app, environment, known)
    return { member_id }
  },
})
