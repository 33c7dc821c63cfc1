/** The request fields that operations on a member's second factor share. */
import { z } from 'zod'
import { presentedSession } from './session.ts'
import { maybe } from './shape.ts'

/** Whose second factor it is. */
export const memberNamed = {
  organization_id: z.string().describe('The organization, by id, slug or external id.'),
  member_id: z.string().describe('The member, by id or external id.'),
}

/** What has been proven before: one of the three. */
export const provenBefore = {
  intermediate_session_token: maybe(z.string()).describe(
    'The token of an intermediate session: what a first factor gave while a second one was required.',
  ),
  ...presentedSession,
}

/** What a success makes of the member's settings. */
export const enrolmentFields = {
  set_mfa_enrollment: maybe(z.string()).describe(
    'enroll or unenroll: whether later logins of the member ask for a second factor. Ignored where the organization requires it of everybody.',
  ),
  set_default_mfa: maybe(z.boolean()).describe('Whether this method becomes the default one of the member.'),
}
