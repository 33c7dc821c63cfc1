/** POST /v1/passwords/migrate: takes a user over with the hash of the password from another system. */
import { z } from 'zod'
import { migratePassword } from '../../../domain/signin/password_migration.ts'
import { importedHash } from '../../../wire/password.ts'
import { jsonObject, maybe } from '../../../wire/shape.ts'
import { NameGiven, User, userToWire } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'

export const migrate = operation({
  route: 'POST /v1/passwords/migrate',
  name: 'api_password_v1_Migrate',
  sdk: 'passwords.migrate',
  summary: 'Gives a user, new or known, a password by the hash that another system has of it.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: z.string(),
    ...importedHash,
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    set_email_verified: maybe(z.boolean()).describe('True only when you know that the address is the person’s.'),
    name: maybe(NameGiven),
    phone_number: maybe(z.string()),
    set_phone_number_verified: maybe(z.boolean()).describe('True only when you know that the number is the person’s.'),
    external_id: maybe(z.string()).describe('Given to a new user; a known one keeps theirs.'),
    roles: maybe(z.array(z.string())),
  },
  reply: { user_id: z.string(), email_id: z.string(), user_created: z.boolean(), user: User },
  async run(app, { environment, body }) {
    const { user, email_id, user_created } = await migratePassword(app, environment, body)
    return { user_id: user.user_id, email_id, user_created, user: userToWire(user, app.now()) }
  },
})
