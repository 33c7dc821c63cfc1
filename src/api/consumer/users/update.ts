/** PUT /v1/users/{user_id}: changes the parts of a user that are given. */
import { z } from 'zod'
import { checkAttributes } from '../../../domain/attributes.ts'
import { updateUser } from '../../../domain/users/user.ts'
import { AttributesGiven } from '../../../wire/attributes.ts'
import { jsonObject, maybe } from '../../../wire/shape.ts'
import { CryptoWallet, Email, NameGiven, PhoneNumber, User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const update = operation({
  route: 'PUT /v1/users/{user_id}',
  name: 'api_user_v1_Update',
  sdk: 'users.update',
  summary: 'Updates name, metadata, external id or roles of a user.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    name: maybe(NameGiven),
    attributes: maybe(AttributesGiven),
    external_id: maybe(z.string()),
    roles: maybe(z.array(z.string())).describe('Replaces the assigned roles.'),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format').describe(
      'Merged by top-level key; null deletes one.',
    ),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format').describe(
      'Merged by top-level key; null deletes one.',
    ),
  },
  reply: {
    user_id: z.string(),
    emails: z.array(Email),
    phone_numbers: z.array(PhoneNumber),
    crypto_wallets: z.array(CryptoWallet),
    user: User,
  },
  async run(app, { environment, params, body }) {
    checkAttributes(body.attributes)
    const user = userToWire(await updateUser(app, environment, params.user_id, body), app.now())
    const { user_id, emails, phone_numbers, crypto_wallets } = user
    return { user_id, emails, phone_numbers, crypto_wallets, user }
  },
})
