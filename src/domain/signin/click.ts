/** What a click on a mailed link leads to. Looking spends nothing: scanners of mail click before people do. */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findMember } from '../members/reference.ts'
import type { LinkKind } from '../messages/link.ts'
import { findOrganization } from '../organizations/reference.ts'
import { findOneTimeToken, isRedeemable, type OneTimeToken, type TokenPurpose } from '../proofs/one_time_token.ts'
import { addParameters } from '../redirect_urls/parameters.ts'
import { findEnvironmentByPublicToken } from '../secrets/public_token.ts'

/** What stands in a link. */
export type Clicked = {
  public_token?: string | undefined
  stytch_token_type?: string | undefined
  token?: string | undefined
}

/** `destination` is where to go on, with the token for the application; the end of unlocking may be without one. */
export type Click = { environment: Environment; token: string } & (
  | { kind: Exclude<LinkKind, 'unlock'>; destination: string }
  | { kind: 'unlock'; destination: string | undefined }
)

/** What each kind of link carries. The link "log in without a password" of a reset mail is redeemed as a magic link. */
const purposes: Record<LinkKind, TokenPurpose[]> = {
  magic_links: ['magic link'],
  multi_tenant_magic_links: ['magic link'],
  multi_tenant_passwords: ['password reset'],
  discovery: ['discovery magic link', 'discovery password reset'],
  login: ['magic link'],
  reset_password: ['password reset'],
  unlock: ['unlock'],
}

/**
 * The link that was clicked, also one that has been used or has expired: telling that is up to the application. Undefined
 * for what leads nowhere: what this server never made or never mailed, and unlock links that do not unlock any more. The
 * destination is the one that is kept with the token, never one from the link (reference: consumer.md §3.1, wire.md §9).
 */
export async function findClick(app: App, clicked: Clicked): Promise<Click | undefined> {
  const { public_token = '', stytch_token_type: kind = '', token = '' } = clicked
  if (!isKind(kind)) return undefined
  const environment = await findEnvironmentByPublicToken(app, public_token)
  const found = environment && (await findToken(app, environment, kind, token))
  if (!environment || !found || found.details.kind === 'embedded') return undefined
  const { redirect_url } = found.details
  const target = redirect_url !== undefined && isFollowed(redirect_url) ? redirect_url : undefined
  // Unlocking ends here; the application has no use for that token.
  if (kind === 'unlock') {
    return isRedeemable(found, app.now()) ? { environment, kind, token, destination: target } : undefined
  }
  if (target === undefined) return undefined
  const more = {
    ...furtherParameters(kind, found, public_token),
    ...(await organizationOf(app, environment, kind, found)),
  }
  const parameters = { ...more, stytch_token_type: kind, token }
  return { environment, kind, token, destination: addParameters(target, parameters) }
}

/** The first token of a purpose that the kind may carry. */
async function findToken(app: App, environment: Environment, kind: LinkKind, token: string) {
  for (const purpose of purposes[kind]) {
    const found = await findOneTimeToken(app, environment, purpose, token)
    if (found) return found
  }
  return undefined
}

/**
 * What links bring beside kind and token: which of the application's pages they are for, which is the type of the redirect URL
 * in lower case, and those that reset a password the public token (reference: wire.md §9, b2b.md §0.6, browser-sdk.md §14).
 */
function furtherParameters(
  kind: LinkKind,
  { purpose, details }: OneTimeToken,
  public_token: string,
): Record<string, string> {
  if (purpose === 'password reset' || purpose === 'discovery password reset') {
    return { public_token, stytch_redirect_type: 'reset_password' }
  }
  if (kind === 'login') return { stytch_redirect_type: kind }
  if (kind !== 'multi_tenant_magic_links' && kind !== 'discovery') return {}
  return { stytch_redirect_type: details.kind === 'email_update' ? 'login' : details.kind }
}

/** What tells the application which organization a member's link is for (reference: b2b.md §0.6). */
async function organizationOf(
  app: App,
  environment: Environment,
  kind: LinkKind,
  { owner_id }: OneTimeToken,
): Promise<Record<string, string>> {
  const isOfMember = kind === 'multi_tenant_magic_links' || kind === 'multi_tenant_passwords'
  if (!isOfMember || environment.vertical !== 'B2B') return {}
  const member = await findMember(app, environment, owner_id)
  const organization = member && (await findOrganization(app, environment, member.organization_id))
  return organization ? { slug: organization.organization_slug } : {}
}

function isKind(text: string): text is LinkKind {
  return Object.hasOwn(purposes, text)
}

/** Such addresses are not registered; but if one ever was, a browser would run or open what it says as ours. */
const harmful = /^(javascript|vbscript|data|blob|file|about|filesystem|view-source):/i

function isFollowed(url: string): boolean {
  return URL.canParse(url) && !harmful.test(url) && /^[\x21-\x7e]+$/.test(url)
}
