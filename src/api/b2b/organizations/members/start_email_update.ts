/** POST /v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update: mails a proof to a new address. */
import { z } from 'zod'
import { startEmailUpdate as start } from '../../../../domain/members/email_update.ts'
import { getMember } from '../../../../domain/members/reference.ts'
import { getOrganization } from '../../../../domain/organizations/reference.ts'
import { locale, templateId } from '../../../../wire/sending.ts'
import { component, maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberReply, memberReplyShape } from '../../member_reply.ts'

const DeliveryMethod = component(
  'api_organization_v1_StartEmailUpdateRequestDeliveryMethod',
  z.enum(['EMAIL_MAGIC_LINK', 'EMAIL_OTP']),
)

export const startEmailUpdate = operation({
  route: 'POST /v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update',
  name: 'api_organization_v1_organizations_members_StartEmailUpdate',
  sdk: 'organizations.members.startEmailUpdate',
  summary:
    'Sends a link or code to a new address; redeeming it within five minutes makes it the address of the member.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string(),
    login_redirect_url: maybe(z.string()),
    ...locale('api_organization_v1_StartEmailUpdateRequestLocale'),
    login_template_id: templateId,
    delivery_method: maybe(DeliveryMethod).describe('A link unless given.'),
  },
  permission: { resource: 'stytch.member', action: 'update.info.email', self: true },
  reply: memberReplyShape,
  async run(app, { environment, params, body }) {
    const organization = await getOrganization(app, environment, params.organization_id)
    const known = await getMember(app, environment, organization, params.member_id)
    return memberReply(app, environment, organization, await start(app, environment, known, body))
  },
})
