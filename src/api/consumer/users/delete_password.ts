/** DELETE /v1/users/passwords/{password_id}: takes the password from its user. */
import { z } from 'zod'
import { deletePassword } from '../../../domain/users/password.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const removePassword = operation({
  route: 'DELETE /v1/users/passwords/{password_id}',
  name: 'api_user_v1_DeletePassword',
  sdk: 'users.deletePassword',
  summary: 'Deletes the password of a user.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params }) {
    const user = await deletePassword(app, environment, params.password_id)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
