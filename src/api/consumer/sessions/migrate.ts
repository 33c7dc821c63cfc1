/** POST /v1/sessions/migrate: a session with another identity provider becomes one of ours. */
import { z } from 'zod'
import { proveExternalSession } from '../../../domain/proofs/external_session.ts'
import { readSessionChange } from '../../../domain/sessions/presented.ts'
import { signInByExternalSession } from '../../../domain/signin/external_session.ts'
import { sessionChange, telemetry } from '../../../wire/session.ts'
import { signedInShape } from '../../../wire/signed_in.ts'
import { operation } from '../../operation.ts'
import { signedIn } from '../signed_in.ts'

export const migrate = operation({
  route: 'POST /v1/sessions/migrate',
  name: 'api_session_v1_Migrate',
  sdk: 'sessions.migrate',
  summary: 'Signs in the user whom the external OIDC UserInfo endpoint names for this access token.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    session_token: z.string().describe('The access token of the external provider.'),
    ...sessionChange,
    ...telemetry,
  },
  reply: signedInShape,
  async run(app, { environment, body }) {
    const change = readSessionChange(body)
    const { email } = await proveExternalSession(app, environment, body.session_token)
    return signedIn(app, environment, await signInByExternalSession(app, environment, email, change))
  },
})
