/** What an authenticate-type request of a member presents beside its proof (reference: b2b.md §1.5, §3.3). */
import type { Locale } from '../../delivery/message.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { getIntermediateSession } from '../intermediate_sessions/intermediate_session.ts'
import type { PresentedMember } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import type { SignInContext } from './member.ts'

/** At most one of the two sessions is there. */
export type Presenting = {
  presented?: PresentedMember | undefined
  intermediate_session_token?: string | undefined
  change: SessionChange
  locale: Locale
}

/**
 * Reads what is presented, inside the transaction of the proof, so that a repeated transaction sees what the one before it
 * has lost against. Refuses with `intermediate_session_not_found`.
 */
export async function readPresenting(
  app: App,
  environment: Environment,
  { presented, intermediate_session_token: token, change, locale }: Presenting,
): Promise<SignInContext> {
  const record = token ? await getIntermediateSession(app, environment, token) : undefined
  return { presented, change, locale, intermediate: record && token ? { record, token } : undefined }
}
