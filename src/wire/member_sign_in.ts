/** The requests of members that send a code or link, or authenticate one, and their replies. */
import { z } from 'zod'
import { locale, minutes, templateId } from './sending.ts'
import { presentedSession, sessionChange, telemetry } from './session.ts'
import { maybe } from './shape.ts'

/** An organization wherever one is named in a body. */
export const organizationId = z.string().describe('The organization, by id, slug or external id.')

/** Whom a code or link goes to, and what the message looks like. */
export const memberAddressed = {
  organization_id: organizationId,
  email_address: z.string(),
  login_template_id: templateId,
  signup_template_id: templateId,
}

/** How long a link of either kind can be used. */
export const memberLinkMinutes = {
  login_expiration_minutes: minutes('How long a login link can be used: 5 to 10080 minutes, 60 without it.'),
  signup_expiration_minutes: minutes('How long a sign-up link can be used: 5 to 10080 minutes, 60 without it.'),
}

/** How long a code of either kind can be used. */
export const memberCodeMinutes = {
  login_expiration_minutes: minutes('How long a login code can be used: 2 to 15 minutes, 10 without it.'),
  signup_expiration_minutes: minutes('How long a sign-up code can be used: 2 to 15 minutes, 10 without it.'),
}

/** What a request presents beside its proof, and what becomes of the session; `name` is that of the list of languages. */
export function presentingFields(name: string) {
  return {
    ...presentedSession,
    intermediate_session_token: maybe(z.string()).describe('What has been proven so far, in place of a session.'),
    session_duration_minutes: sessionChange.session_duration_minutes.describe(
      'How many minutes from now the session lasts, 5 to 527040. Without it a running session keeps its expiry, and a new one lasts 60.',
    ),
    session_custom_claims: sessionChange.session_custom_claims,
    ...locale(name),
    ...telemetry,
  }
}

/** What `login_or_signup` adds to the reply. */
export const memberCreatedShape = { member_created: z.boolean().describe('Whether the member is new.') }
