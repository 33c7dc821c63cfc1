/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import { z } from 'zod'
import { updateRedirectUrl } from '../../../domain/redirect_urls/redirect_url.ts'
import { noPromotion, RedirectUrl, redirectUrlToWire, typesGiven } from '../../../wire/redirect_url.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const update = operation({
  route: 'PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls',
  name: 'pwa_redirect_url_v3_Update',
  sdk: 'redirectURLs.update',
  summary: 'Replaces the types of a redirect URL.',
  caller: 'workspace',
  query: { url: z.string() },
  body: { valid_types: typesGiven, do_not_promote_defaults: noPromotion },
  reply: { redirect_url: RedirectUrl },
  async run(app, { params, query, body }) {
    const { environment } = await environmentAt(app, params)
    return { redirect_url: redirectUrlToWire(await updateRedirectUrl(app, environment, { ...query, ...body })) }
  },
})
