/** POST /v1/b2b/discovery/organizations: where somebody can go with what they have proven. */
import { z } from 'zod'
import { listDiscovered, listDiscoveredBySession } from '../../../../domain/discovery/discovered.ts'
import {
  getIntermediateSession,
  refuseBoundElsewhere,
} from '../../../../domain/intermediate_sessions/intermediate_session.ts'
import { requirePresentedMember } from '../../../../domain/sessions/presented.ts'
import { lookUpProven } from '../../../../domain/signin/member_second_factor.ts'
import { fail } from '../../../../errors.ts'
import { discoveredShape } from '../../../../wire/discovery.ts'
import { presentedSession } from '../../../../wire/session.ts'
import { maybe } from '../../../../wire/shape.ts'
import { operation } from '../../../operation.ts'
import { discoveredOrganizations } from '../../discovery_reply.ts'

export const list = operation({
  route: 'POST /v1/b2b/discovery/organizations',
  name: 'api_discovery_v1_discovery_organizations_List',
  sdk: 'discovery.organizations.list',
  summary:
    'Lists the organizations of the person behind a session or an intermediate one, and with that where they may join.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    intermediate_session_token: maybe(z.string()).describe('Stays usable.'),
    ...presentedSession,
  },
  reply: {
    ...discoveredShape,
    organization_id_hint: z
      .string()
      .nullable()
      .describe('The organization whose login the intermediate session comes out of; null for discovery and sessions.'),
  },
  look_up: (app, { project_id, body }) => lookUpProven(app, project_id, body, { needed: true }),
  async run(app, { environment, body }, lookup) {
    const presented = await requirePresentedMember(app, environment, body, lookup)
    if (presented) {
      const discovered = await listDiscoveredBySession(app, environment, presented)
      const { email_address } = presented.member
      const discovered_organizations = discoveredOrganizations(app, environment, discovered)
      return { email_address, discovered_organizations, organization_id_hint: null }
    }
    const token = body.intermediate_session_token ?? fail('no_session_arguments')
    const record = await getIntermediateSession(app, environment, token)
    refuseBoundElsewhere(record, undefined)
    const discovered = await listDiscovered(app, environment, record)
    const { email_address, organization_id: organization_id_hint } = record
    const discovered_organizations = discoveredOrganizations(app, environment, discovered)
    return { email_address, discovered_organizations, organization_id_hint }
  },
})
