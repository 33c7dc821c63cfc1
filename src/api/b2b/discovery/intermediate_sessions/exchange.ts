/** POST /v1/b2b/discovery/intermediate_sessions/exchange: who has proven an address goes into an organization. */
import { z } from 'zod'
import { exchangeIntermediateSession } from '../../../../domain/discovery/exchange.ts'
import { readSessionChange } from '../../../../domain/sessions/presented.ts'
import { languageOf } from '../../../../domain/signin/mfa_code.ts'
import { memberSessionChange, memberSignedInShape } from '../../../../wire/member_session.ts'
import { organizationId } from '../../../../wire/member_sign_in.ts'
import { codeLocale } from '../../../../wire/sending.ts'
import { telemetry } from '../../../../wire/session.ts'
import { operation } from '../../../operation.ts'
import { memberSignedIn } from '../../member_signed_in.ts'

export const exchange = operation({
  route: 'POST /v1/b2b/discovery/intermediate_sessions/exchange',
  name: 'api_discovery_v1_discovery_intermediate_sessions_Exchange',
  sdk: 'discovery.intermediateSessions.exchange',
  summary:
    'Exchanges an intermediate session for a session in an organization: of a member, somebody invited, or who may join.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    intermediate_session_token: z.string().describe('What has been proven; used up when a session comes out of it.'),
    organization_id: organizationId,
    ...memberSessionChange,
    ...codeLocale('api_discovery_v1_ExchangeRequestLocale'),
    ...telemetry,
  },
  reply: memberSignedInShape,
  async run(app, { environment, body }) {
    const context = { change: readSessionChange(body), locale: languageOf(body.locale) }
    const given = { token: body.intermediate_session_token, reference: body.organization_id }
    return memberSignedIn(app, environment, await exchangeIntermediateSession(app, environment, given, context))
  },
})
