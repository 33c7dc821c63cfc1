/** How calls about one member are answered: the member, and the organization. */
import { z } from 'zod'
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import { standingOf } from '../../domain/members/roles.ts'
import type { Member as MemberRecord } from '../../domain/members/row.ts'
import type { Organization as OrganizationRecord } from '../../domain/organizations/row.ts'
import { Member, memberToWire } from '../../wire/member.ts'
import { Organization, organizationToWire } from '../../wire/organization.ts'

/** The reply fields of `memberReply`. */
export const memberReplyShape = { member_id: z.string(), member: Member, organization: Organization }

/** The wire form of a member of an organization, with the roles of this moment. */
export function memberInOrganization(
  app: App,
  { policy }: Environment,
  organization: OrganizationRecord,
  member: MemberRecord,
) {
  return memberToWire(member, standingOf(policy, organization, member), app.now())
}

/** The fields of `memberReplyShape`. */
export function memberReply(
  app: App,
  environment: Environment,
  organization: OrganizationRecord,
  member: MemberRecord,
) {
  return {
    member_id: member.member_id,
    member: memberInOrganization(app, environment, organization, member),
    organization: organizationToWire(organization),
  }
}
