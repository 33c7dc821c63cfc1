/** Redirect URLs, as the management API shows and takes them. */
import { z } from 'zod'
import type { RedirectUrl as RedirectUrlRecord } from '../domain/redirect_urls/placement.ts'
import { component, maybe } from './shape.ts'

const RedirectUrlType = component(
  'pwa_redirect_url_v3_RedirectUrlType',
  z.enum(['LOGIN', 'INVITE', 'SIGNUP', 'RESET_PASSWORD', 'DISCOVERY']),
)

const UrlType = component(
  'pwa_redirect_url_v3_UrlType',
  z.strictObject({
    type: RedirectUrlType,
    is_default: z.boolean().describe('Whether requests that name no URL of this type lead here.'),
  }),
)

export const RedirectUrl = component(
  'pwa_redirect_url_v3_RedirectUrl',
  z.strictObject({ url: z.string(), valid_types: z.array(UrlType) }),
)

/** The wire form of a redirect URL. */
export function redirectUrlToWire({ url, valid_types }: RedirectUrlRecord): z.input<typeof RedirectUrl> {
  return { url, valid_types }
}

/** The types of a URL as requests give them: which names exist is the domain's business. */
export const typesGiven = maybe(
  z.array(
    z.object({
      type: maybe(z.string()),
      is_default: maybe(z.boolean()).transform((value) => value ?? false),
    }),
  ),
)
  .transform((types) => types ?? [])
  .describe('All types of the URL: LOGIN, SIGNUP, INVITE, RESET_PASSWORD or DISCOVERY, each with is_default.')

const about = 'Leaves a type without a default where there would be a new one.'

/** Whether defaults stay where they are, in a body. */
export const noPromotion = maybe(z.boolean()).describe(about)

/** Whether defaults stay where they are, in a query. */
export const noPromotionInQuery = maybe(z.enum(['true', 'false']))
  .transform((value) => value === 'true')
  .describe(about)
