/** POST /v1/passwords/authenticate: an email address and its password sign a user in. */
import { z } from 'zod'
import { lookUpPresented, readSessionChange, requirePresented } from '../../../domain/sessions/presented.ts'
import { signInByPassword } from '../../../domain/signin/password.ts'
import { presentedSession, sessionChange, telemetry } from '../../../wire/session.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { sandboxPasswordProven } from '../sandbox.ts'
import { signedIn } from '../signed_in.ts'

export const authenticate = operation({
  route: 'POST /v1/passwords/authenticate',
  name: 'api_password_v1_Authenticate',
  sdk: 'passwords.authenticate',
  summary: 'Authenticates a user by email address and password.',
  caller: 'project',
  vertical: 'consumer',
  body: { email: z.string(), password: z.string(), ...presentedSession, ...sessionChange, ...telemetry },
  reply: signedInShape,
  look_up: (app, { project_id, body }) => lookUpPresented(app, project_id, body),
  sandbox: (app, { environment, body }) => sandboxPasswordProven(app, environment, body.email, body, {}),
  async run(app, { environment, body }, lookup) {
    const change = readSessionChange(body)
    const presented = await requirePresented(app, environment, body, lookup)
    return signedIn(app, environment, await signInByPassword(app, environment, body, presented, change))
  },
})
