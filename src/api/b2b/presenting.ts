/** How requests of members present a session or an intermediate session beside their proof. */
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import {
  type MemberLookup,
  readSessionChange,
  requirePresentedMember,
  type SessionFields,
} from '../../domain/sessions/presented.ts'
import type { Presenting } from '../../domain/signin/presenting.ts'

type Fields = SessionFields & {
  intermediate_session_token?: string | undefined
  locale?: Presenting['locale'] | undefined
}

/** Reads what is presented. `lookup` is what `lookUpPresentedMember` has found. Refuses as `requirePresentedMember` does. */
export async function presenting(
  app: App,
  environment: Environment,
  body: Fields,
  lookup: MemberLookup,
): Promise<Presenting> {
  const change = readSessionChange(body)
  const presented = await requirePresentedMember(app, environment, body, lookup)
  const { intermediate_session_token, locale = 'en' } = body
  return { presented, intermediate_session_token, change, locale }
}
