/** DELETE /v1/users/phone_numbers/{phone_id}: takes a phone number from its user. */
import { z } from 'zod'
import { deletePhoneNumber } from '../../../domain/users/contacts.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const removePhoneNumber = operation({
  route: 'DELETE /v1/users/phone_numbers/{phone_id}',
  name: 'api_user_v1_DeletePhoneNumber',
  sdk: 'users.deletePhoneNumber',
  summary: 'Deletes a phone number of a user.',
  caller: 'project',
  vertical: 'consumer',
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params }) {
    const user = await deletePhoneNumber(app, environment, params.phone_id)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
