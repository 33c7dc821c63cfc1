/** GET /v1/users/{user_id}: one user, flat. */
import { getUser } from '../../../domain/users/reference.ts'
import { userShape, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const get = operation({
  route: 'GET /v1/users/{user_id}',
  name: 'api_user_v1_Get',
  sdk: 'users.get',
  summary: 'Returns a user, named by id or external id.',
  caller: 'project',
  vertical: 'consumer',
  reply: userShape,
  async run(app, { environment, params }) {
    return userToWire(await getUser(app, environment, params.user_id), app.now())
  },
})
