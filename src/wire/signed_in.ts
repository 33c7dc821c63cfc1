/** The reply of operations that sign a user in. */
import { z } from 'zod'
import { DeviceInfo, Session } from './session.ts'
import { User } from './user.ts'

export const signedInShape = {
  user_id: z.string(),
  user: User,
  session: Session.nullable().describe('Null when no session was asked for.'),
  session_token: z.string().describe('Empty when there is no session.'),
  session_jwt: z.string().describe('Valid for five minutes; empty when there is no session.'),
  user_device: DeviceInfo.nullable(),
}

/** The reply of operations that prove a contact, or could have. */
export const contactProvenShape = {
  ...signedInShape,
  method_id: z.string().describe('The id of what was proven: an email_id, a phone_id, or that of an embeddable link.'),
  reset_sessions: z
    .boolean()
    .describe(
      'Whether the other sessions of the user have ended, because somebody else may have prepared the account.',
    ),
}
