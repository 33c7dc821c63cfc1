/** POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import { z } from 'zod'
import { createRedirectUrl } from '../../../domain/redirect_urls/redirect_url.ts'
import { noPromotion, RedirectUrl, redirectUrlToWire, typesGiven } from '../../../wire/redirect_url.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const create = operation({
  route: 'POST /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls',
  name: 'pwa_redirect_url_v3_Create',
  sdk: 'redirectURLs.create',
  summary: 'Registers a redirect URL; one that is registered already gets the types added.',
  caller: 'workspace',
  body: { url: z.string(), valid_types: typesGiven, do_not_promote_defaults: noPromotion },
  reply: { redirect_url: RedirectUrl },
  async run(app, { params, body }) {
    const { environment } = await environmentAt(app, params)
    return { redirect_url: redirectUrlToWire(await createRedirectUrl(app, environment, body)) }
  },
})
