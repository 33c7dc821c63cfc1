/** The links that messages carry: to the click route of this server, which leads on to the application. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'

/** What a link is for; the application is told as `stytch_token_type`. */
export type LinkKind =
  | 'magic_links'
  | 'multi_tenant_magic_links'
  | 'multi_tenant_passwords'
  | 'discovery'
  | 'login'
  | 'reset_password'
  | 'unlock'

/** The path of the click route. */
export const clickPath = '/v1/magic_links/redirect'

/** The address that a message shows for a token. Where it leads is kept with the token, never in the link. */
export function linkTo(app: App, { public_tokens }: Environment, kind: LinkKind, token: string): string {
  const public_token = public_tokens[0]?.public_token ?? ''
  return `${app.public_url()}${clickPath}?${new URLSearchParams({ public_token, stytch_token_type: kind, token })}`
}
