/** POST /v1/b2b/sessions/migrate: a session with another identity provider becomes one of a member. */
import { z } from 'zod'
import { getOrganization } from '../../../domain/organizations/reference.ts'
import { proveExternalSession } from '../../../domain/proofs/external_session.ts'
import { readSessionChange } from '../../../domain/sessions/presented.ts'
import { signInByExternalMemberSession } from '../../../domain/signin/external_member_session.ts'
import { heldSessionShape, memberSessionChange } from '../../../wire/member_session.ts'
import { operation } from '../../operation.ts'
import { heldSession } from '../member_signed_in.ts'

export const migrate = operation({
  route: 'POST /v1/b2b/sessions/migrate',
  name: 'api_b2b_session_v1_Migrate',
  sdk: 'sessions.migrate',
  summary: 'Signs in the member whom the external OIDC UserInfo endpoint names for this access token.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    session_token: z.string().describe('The access token of the external provider.'),
    organization_id: z.string().describe('The organization of the member, by id, slug or external id.'),
    ...memberSessionChange,
  },
  reply: { member_id: z.string(), ...heldSessionShape },
  async run(app, { environment, body }) {
    const change = readSessionChange(body)
    const organization = await getOrganization(app, environment, body.organization_id)
    const person = await proveExternalSession(app, environment, body.session_token)
    const signedIn = await signInByExternalMemberSession(app, environment, organization, person, change)
    return { member_id: signedIn.member.member_id, ...(await heldSession(app, environment, signedIn)) }
  },
})
