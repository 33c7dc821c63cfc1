/** The MemberSession object, and the replies of operations that sign a member in. */
import { z } from 'zod'
import type { Organization as OrganizationRecord } from '../domain/organizations/row.ts'
import type { Session as SessionRecord } from '../domain/sessions/session.ts'
import type { MemberSignIn } from '../domain/signin/member.ts'
import { rfc3339 } from '../values/time.ts'
import { AuthenticationFactor } from './authentication_factor.ts'
import { Member } from './member.ts'
import { Organization } from './organization.ts'
import { DeviceInfo, sessionChange } from './session.ts'
import { component, jsonObject, maybe, timestamp, wholeNumber } from './shape.ts'

export const MemberSession = component(
  'api_b2b_session_v1_MemberSession',
  z.strictObject({
    member_session_id: z.string(),
    member_id: z.string(),
    organization_id: z.string(),
    organization_slug: z.string(),
    authentication_factors: z.array(AuthenticationFactor).describe('What has been proven, in order of first proof.'),
    roles: z.array(z.string()).describe('The roles that count in this session at the moment of this answer.'),
    started_at: timestamp,
    last_accessed_at: timestamp,
    expires_at: timestamp,
    custom_claims: jsonObject.nullable(),
  }),
)

/** Fields that say what becomes of the session of a member. */
export const memberSessionChange = {
  session_duration_minutes: maybe(wholeNumber).describe(
    'How many minutes from now the session lasts, 5 to 527040. Without it a running session keeps its expiry and a new one lasts 60.',
  ),
  session_custom_claims: sessionChange.session_custom_claims,
}

const second = new Set(['otp', 'totp', 'recovery_codes'])

/** The wire form of a session of a member of that organization, in which these roles count. */
export function memberSessionToWire(
  session: SessionRecord,
  { organization_id, organization_slug }: OrganizationRecord,
  roles: string[],
): z.input<typeof MemberSession> {
  return {
    member_session_id: session.session_id,
    member_id: session.owner_id,
    organization_id,
    organization_slug,
    authentication_factors: session.authentication_factors.map((factor) => ({
      ...factor,
      sequence_order: second.has(factor.type) ? 'SECONDARY' : 'PRIMARY',
    })),
    roles,
    started_at: rfc3339(session.started_at),
    last_accessed_at: rfc3339(session.last_accessed_at),
    expires_at: rfc3339(session.expires_at),
    custom_claims: Object.keys(session.custom_claims).length === 0 ? null : session.custom_claims,
  }
}

export const MfaRequired = component(
  'api_b2b_mfa_v1_MfaRequired',
  z.strictObject({
    member_options: component(
      'api_b2b_mfa_v1_MemberOptions',
      z.strictObject({
        mfa_phone_number: z.string().describe('Masked to its last four digits; empty without one.'),
        totp_registration_id: z.string(),
      }),
    )
      .nullable()
      .describe('Null when the member has no second factor yet.'),
    secondary_auth_initiated: z.string().nullable().describe('sms_otp when a code has just been sent.'),
  }),
)
export const PrimaryRequired = component(
  'api_b2b_session_v1_PrimaryRequired',
  z.strictObject({ allowed_auth_methods: z.array(z.string()) }),
)

/** A session of a member with all that belongs to it. */
export const heldSessionShape = {
  member: Member,
  organization: Organization,
  member_session: MemberSession,
  session_token: z.string(),
  session_jwt: z.string().describe('Valid for five minutes.'),
}

/** The reply of operations after which a member has a session for sure. */
export const memberSessionShape = {
  member_id: z.string(),
  ...heldSessionShape,
  member_device: DeviceInfo.nullable(),
}

/** The reply of operations after which something may still be required. */
export const memberSignedInShape = {
  member_id: z.string(),
  organization_id: z.string(),
  member: Member,
  organization: Organization,
  member_authenticated: z.boolean().describe('Whether there is a session; otherwise an intermediate session.'),
  member_session: MemberSession.nullable(),
  session_token: z.string().describe('Empty while something is still required.'),
  session_jwt: z.string().describe('Empty while something is still required.'),
  intermediate_session_token: z.string().describe('What the person goes on with; empty when there is a session.'),
  intermediate_session_token_expires_at: timestamp.nullable(),
  mfa_required: MfaRequired.nullable(),
  primary_required: PrimaryRequired.nullable(),
  member_device: DeviceInfo.nullable(),
}

/** What a sign-in still requires, on the wire. */
export function requiredToWire({ mfa_required, primary_required, intermediate }: MemberSignIn) {
  return {
    intermediate_session_token: intermediate?.token ?? '',
    intermediate_session_token_expires_at: intermediate ? rfc3339(intermediate.expires_at) : null,
    mfa_required,
    primary_required,
  }
}
