/** Where a message or a flow leads: the URL of the request if it is registered, else the default of its type. */
import { type ErrorType, fail } from '../../errors.ts'
import { matches, readAddress } from './address.ts'
import { defaultOf, type RedirectUrl, type RedirectUrlType, urlsOf } from './placement.ts'

type Refusals = { malformed: ErrorType; none: ErrorType; no_default: ErrorType }

const refusals: Record<RedirectUrlType, Refusals> = {
  LOGIN: {
    malformed: 'invalid_login_redirect_url',
    none: 'no_login_redirect_urls_set',
    no_default: 'no_default_login_redirect_url_set',
  },
  SIGNUP: {
    malformed: 'invalid_signup_redirect_url',
    none: 'no_signup_redirect_urls_set',
    no_default: 'no_default_signup_redirect_url_set',
  },
  INVITE: {
    malformed: 'invalid_invite_redirect_url',
    none: 'no_invite_redirect_urls_set',
    no_default: 'no_default_invite_redirect_url_set',
  },
  DISCOVERY: {
    malformed: 'invalid_discovery_redirect_url',
    none: 'no_discovery_redirect_urls_set',
    no_default: 'no_default_discovery_redirect_url_set',
  },
  // The API has one name for both here.
  RESET_PASSWORD: {
    malformed: 'invalid_password_reset_redirect_url',
    none: 'no_password_reset_redirect_url',
    no_default: 'no_password_reset_redirect_url',
  },
}

/**
 * The URL to lead to: `given` when it is registered for the type, as it was written; without one the default of the type.
 * An empty text counts as absent. Refuses what is malformed, not registered (`no_match`, the family's own name), or absent
 * without a default (reference: wire.md §9, consumer.md §3.1).
 */
export function resolveRedirectUrl(
  { redirect_urls }: { redirect_urls: RedirectUrl[] },
  type: RedirectUrlType,
  given: string | undefined,
  no_match: ErrorType = 'no_match_for_provided_magic_link_url',
): string {
  const { malformed, none, no_default } = refusals[type]
  const registered = urlsOf(redirect_urls, type)
  if (!given) {
    if (registered.length === 0) fail(none)
    return defaultOf(registered, type)?.url ?? fail(no_default)
  }
  const address = readAddress(given) ?? fail(malformed)
  const known = registered.some(({ url }) => {
    const wanted = readAddress(url)
    return wanted !== undefined && matches(wanted, address)
  })
  return known ? given : fail(no_match)
}
