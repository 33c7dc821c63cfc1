/** DELETE /v1/users/{user_id}/external_id: takes the external id from a user. */
import { z } from 'zod'
import { deleteExternalId } from '../../../domain/users/user.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const removeExternalId = operation({
  route: 'DELETE /v1/users/{user_id}/external_id',
  name: 'api_user_v1_DeleteExternalId',
  sdk: 'users.deleteExternalId',
  summary: 'Deletes the external id of a user.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params }) {
    const user = await deleteExternalId(app, environment, params.user_id)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
