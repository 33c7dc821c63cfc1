/** POST /v1/b2b/passwords/email/require_reset: the password of an address has to be reset before it counts again. */
import { z } from 'zod'
import { requireResetByAddress } from '../../../../domain/members/required_reset.ts'
import { Member } from '../../../../wire/member.ts'
import { Organization, organizationToWire } from '../../../../wire/organization.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply } from '../../member_reply.ts'

export const requireReset = operation({
  route: 'POST /v1/b2b/passwords/email/require_reset',
  name: 'api_b2b_password_v1_b2b_passwords_email_RequireReset',
  sdk: 'passwords.email.requireReset',
  summary:
    'Where members share a password by their address: it has to be reset, or is removed when at most one active member has it.',
  caller: 'project',
  vertical: 'b2b',
  permission: { resource: 'stytch.member', action: 'update.info.delete.password' },
  body: {
    email_address: z.string(),
    organization_id: maybe(z.string()).describe('An organization of which the address is a member’s.'),
    member_id: maybe(z.string()).describe('The member with the address; by external id only with an organization.'),
  },
  reply: {
    member_id: z.string().describe('Empty when the request names an address alone; the next two are null then.'),
    member: Member.nullable(),
    organization: Organization.nullable(),
  },
  async run(app, { environment, body, acting }) {
    const { organization, member } = await requireResetByAddress(app, environment, body, acting)
    if (organization && member) return memberReply(app, environment, organization, member)
    return { member_id: '', member: null, organization: organization ? organizationToWire(organization) : null }
  },
})
