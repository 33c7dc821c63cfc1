/** DELETE /v1/users/totps/{totp_id}: takes an authenticator app from its user. */
import { z } from 'zod'
import { deleteTotp } from '../../../domain/signin/totp_enrolment.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const removeTotp = operation({
  route: 'DELETE /v1/users/totps/{totp_id}',
  name: 'api_user_v1_DeleteTOTP',
  sdk: 'users.deleteTOTP',
  summary: 'Deletes the authenticator app of a user, with its recovery codes.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params }) {
    const user = await deleteTotp(app, environment, params.totp_id)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
