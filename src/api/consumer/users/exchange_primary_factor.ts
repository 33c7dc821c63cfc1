/** PUT /v1/users/{user_id}/exchange_primary_factor: puts another address or number in the place of the only factor. */
import { z } from 'zod'
import { exchangePrimaryFactor } from '../../../domain/users/primary_factor.ts'
import { maybe } from '../../../wire/shape.ts'
import { User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const exchangePrimary = operation({
  route: 'PUT /v1/users/{user_id}/exchange_primary_factor',
  name: 'api_user_v1_ExchangePrimaryFactor',
  sdk: 'users.exchangePrimaryFactor',
  summary: 'Replaces the only factor of a user, an email address or a phone number, by another one of either kind.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email_address: maybe(z.string()).describe('The new email address; give this or a phone_number.'),
    phone_number: maybe(z.string()).describe('The new phone number in E.164; give this or an email_address.'),
  },
  reply: { user_id: z.string(), user: User },
  async run(app, { environment, params, body }) {
    const user = await exchangePrimaryFactor(app, environment, params.user_id, body)
    return { user_id: user.user_id, user: userToWire(user, app.now()) }
  },
})
