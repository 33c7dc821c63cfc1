/** POST /v1/b2b/discovery/organizations/create: who has proven an address founds an organization. */
import { z } from 'zod'
import { createByDiscovery } from '../../../../domain/discovery/creation.ts'
import { readSessionChange } from '../../../../domain/sessions/presented.ts'
import { memberSessionChange, memberSignedInShape } from '../../../../wire/member_session.ts'
import { organizationGiven } from '../../../../wire/organization.ts'
import { telemetry } from '../../../../wire/session.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'

const { claimed_email_domains: _, ...given } = organizationGiven('api_discovery_v1_Create')

export const create = operation({
  route: 'POST /v1/b2b/discovery/organizations/create',
  name: 'api_discovery_v1_discovery_organizations_Create',
  sdk: 'discovery.organizations.create',
  summary: 'Creates an organization with the person behind an intermediate session as its administrator.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    intermediate_session_token: z.string().describe('What has been proven; used up when a session comes out of it.'),
    organization_name: maybe(z.string()).describe('1 to 128 characters; after the address without it.'),
    ...given,
    ...memberSessionChange,
    ...telemetry,
  },
  reply: memberSignedInShape,
  async run(app, { environment, body }) {
    const { intermediate_session_token, session_duration_minutes, session_custom_claims, ...rest } = body
    const { telemetry_id: _, ...organization } = rest
    const change = readSessionChange({ session_duration_minutes, session_custom_claims })
    const signIn = await createByDiscovery(app, environment, intermediate_session_token, organization, change)
    return memberSignedIn(app, environment, signIn)
  },
})
