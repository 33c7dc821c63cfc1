/** POST /v1/passwords: a new user with a password. */
import { z } from 'zod'
import { ids } from '../../../domain/sandbox/values.ts'
import { readSessionChange } from '../../../domain/sessions/presented.ts'
import { signUpByPassword } from '../../../domain/signin/password.ts'
import { newPassword } from '../../../wire/password.ts'
import { sessionChange, telemetry } from '../../../wire/session.ts'
import { jsonObject, maybe } from '../../../wire/shape.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { NameGiven } from '../../../wire/user.ts'
import { operation } from '../../operation.ts'
import { sandboxPasswordProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const create = operation({
  route: 'POST /v1/passwords',
  name: 'api_password_v1_Create',
  sdk: 'passwords.create',
  summary: 'Creates a user with an email address and a password, and a session when a duration is given.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    email: z.string().describe('The email address; it is not verified by this.'),
    password: newPassword,
    name: maybe(NameGiven),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    ...sessionChange,
    ...telemetry,
  },
  reply: { ...signedInShape, email_id: z.string() },
  sandbox: (app, { environment, body }) =>
    sandboxPasswordProven(app, environment, body.email, body, { email_id: ids.email_id }),
  async run(app, { environment, body }) {
    const signIn = await signUpByPassword(app, environment, body, readSessionChange(body))
    const email_id = signIn.user.emails[0]?.email_id ?? ''
    return { email_id, ...(await signedIn(app, environment, signIn)) }
  },
})
