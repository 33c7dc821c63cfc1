/** The Session object, and the session fields that authenticate-type requests share. */
import { z } from 'zod'
import type { Session as SessionRecord } from '../domain/sessions/session.ts'
import { rfc3339 } from '../values/time.ts'
import { Attributes } from './attributes.ts'
import { AuthenticationFactor } from './authentication_factor.ts'
import { component, jsonObject, maybe, timestamp, wholeNumber } from './shape.ts'

export const Session = component(
  'api_session_v1_Session',
  z.strictObject({
    session_id: z.string(),
    user_id: z.string(),
    authentication_factors: z.array(AuthenticationFactor).describe('What has been proven, in order of first proof.'),
    roles: z.array(z.string()).describe('The roles of the user at the moment of this answer.'),
    // Whole seconds like every time, but for the sandbox session, whose start is published with a fraction.
    started_at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.935673)?Z$/),
    last_accessed_at: timestamp.describe('When the session was last authenticated with this server.'),
    expires_at: timestamp,
    attributes: Attributes,
    custom_claims: jsonObject.nullable(),
  }),
)

/** The wire form of a session whose owner holds these roles now. */
export function sessionToWire(session: SessionRecord, roles: string[]): z.input<typeof Session> {
  return {
    session_id: session.session_id,
    user_id: session.owner_id,
    authentication_factors: session.authentication_factors,
    roles,
    started_at: rfc3339(session.started_at),
    last_accessed_at: rfc3339(session.last_accessed_at),
    expires_at: rfc3339(session.expires_at),
    attributes: session.attributes,
    custom_claims: Object.keys(session.custom_claims).length === 0 ? null : session.custom_claims,
  }
}

/** Fields that present an existing session. */
export const presentedSession = {
  session_token: maybe(z.string()).describe('The token of an existing session.'),
  session_jwt: maybe(z.string()).describe('A JWT of an existing session; it may have expired while the session lives.'),
}

/** Fields that say what becomes of the session. */
export const sessionChange = {
  session_duration_minutes: maybe(wholeNumber).describe(
    'How many minutes from now the session lasts, 5 to 527040. Without it a running session keeps its expiry and no new one starts.',
  ),
  session_custom_claims: maybe(jsonObject).describe(
    'Claims to merge into the session and its JWT: a value replaces, null deletes, objects merge. 4096 bytes in total.',
  ),
}

const DeviceDetails = component(
  'api_device_history_v1_DeviceAttributeDetails',
  z.strictObject({ is_new: z.boolean(), first_seen_at: timestamp.optional(), last_seen_at: timestamp.optional() }),
)
/** What is known about the user's device when a `telemetry_id` was looked up; null without such a service. */
export const DeviceInfo = component(
  'api_device_history_v1_DeviceInfo',
  z.strictObject({
    visitor_id: z.string(),
    visitor_id_details: DeviceDetails.optional(),
    ip_address: z.string().optional(),
    ip_address_details: DeviceDetails.optional(),
    ip_geo_city: z.string().optional(),
    ip_geo_region: z.string().optional(),
    ip_geo_country: z.string().optional(),
    ip_geo_country_details: DeviceDetails.optional(),
  }),
)
/** Accepted everywhere and looked up nowhere: a login never fails because of it. */
export const telemetry = {
  telemetry_id: maybe(z.string()).describe('Accepted for compatibility; there is no fingerprint service to ask.'),
}
