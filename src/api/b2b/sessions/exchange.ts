/** POST /v1/b2b/sessions/exchange: who has a session in one organization goes over to another. */
import { z } from 'zod'
import { lookUpPresentedMember, readSessionChange, requirePresentedMember } from '../../../domain/sessions/presented.ts'
import { exchangeSession } from '../../../domain/signin/exchange.ts'
import { languageOf } from '../../../domain/signin/mfa_code.ts'
import { fail } from '../../../errors.ts'
import { memberSessionChange, memberSignedInShape } from '../../../wire/member_session.ts'
import { codeLocale } from '../../../wire/sending.ts'
import { presentedSession, telemetry } from '../../../wire/session.ts'
import { operation } from '../../operation.ts'
import { memberSignedIn } from '../member_signed_in.ts'

export const exchange = operation({
  route: 'POST /v1/b2b/sessions/exchange',
  name: 'api_b2b_session_v1_Exchange',
  sdk: 'sessions.exchange',
  summary: 'Exchanges a session for one in another organization of which the person is a member; the session stays.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: z.string().describe('The organization to go to, by id, slug or external id.'),
    ...presentedSession,
    ...memberSessionChange,
    ...codeLocale('api_b2b_session_v1_ExchangeRequestLocale'),
    ...telemetry,
  },
  reply: memberSignedInShape,
  look_up: (app, { project_id, body }) => lookUpPresentedMember(app, project_id, body),
  async run(app, { environment, body }, lookup) {
    const context = { change: readSessionChange(body), locale: languageOf(body.locale) }
    const presented = (await requirePresentedMember(app, environment, body, lookup)) ?? fail('no_session_arguments')
    const signIn = await exchangeSession(app, environment, presented, body.organization_id, context)
    return memberSignedIn(app, environment, signIn)
  },
})
