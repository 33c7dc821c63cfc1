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
