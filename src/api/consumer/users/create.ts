/** POST /v1/users: adds a user. */
import { z } from 'zod'
import { checkAttributes } from '../../../domain/attributes.ts'
import { registerUser } from '../../../domain/users/contacts.ts'
import { AttributesGiven } from '../../../wire/attributes.ts'
import { jsonObject, maybe } from '../../../wire/shape.ts'
import { NameGiven, User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const create = operation({
  route: 'POST /v1/users',
  name: 'api_user_v1_Create',
  sdk: 'users.create',
  summary: 'Creates a user with an email address, a phone number or both, neither of them verified yet.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: maybe(z.string()),
    phone_number: maybe(z.string()).describe('In E.164.'),
    name: maybe(NameGiven),
    attributes: maybe(AttributesGiven),
    create_user_as_pending: maybe(z.boolean()).describe(
      'Whether the user stays pending until the first authentication.',
    ),
    external_id: maybe(z.string()).describe('Your own id: 1 to 128 of A-Z a-z 0-9 . _ - |, unique in the project.'),
    roles: maybe(z.array(z.string())).describe('Ids of custom roles of the RBAC policy.'),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
  },
  reply: {
    user_id: z.string(),
    email_id: z.string().describe('Empty when the user has no email address.'),
    phone_id: z.string().describe('Empty when the user has no phone number.'),
    status: z.enum(['active', 'pending']),
    user: User,
  },
  status: 201,
  async run(app, { environment, body }) {
    checkAttributes(body.attributes)
    const status = body.create_user_as_pending ? 'pending' : 'active'
    const user = await registerUser(app, environment, { ...body, status })
    return {
      user_id: user.user_id,
      email_id: user.emails[0]?.email_id ?? '',
      phone_id: user.phone_numbers[0]?.phone_id ?? '',
      status: user.status,
      user: userToWire(user, app.now()),
    }
  },
})
