/** DELETE /v1/users/emails/{email_id}: takes an email address from its user. */
import { z } from 'zod'
import { deleteEmail } from '../../../domain/users/contacts.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const removeEmail = operation({
  route: 'DELETE /v1/users/emails/{email_id}',
  name: 'api_user_v1_DeleteEmail',
  sdk: 'users.deleteEmail',
  summary: 'Deletes an email address of a user.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params }) {
    const user = await deleteEmail(app, environment, params.email_id)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
