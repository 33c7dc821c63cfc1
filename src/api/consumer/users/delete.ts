/** DELETE /v1/users/{user_id}: removes a user and everything the user had. */
import { z } from 'zod'
import { removeUser } from '../../../domain/signin/removal.ts'
import { operation } from '../../operation.ts'

export const remove = operation({
  route: 'DELETE /v1/users/{user_id}',
  name: 'api_user_v1_Delete',
  sdk: 'users.delete',
  summary: 'Deletes a user; all sessions end at once.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string() },
  async run(app, { environment, params }) {
    const { user_id } = await removeUser(app, environment, params.user_id)
    return { user_id }
  },
})
