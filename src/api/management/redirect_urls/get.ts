/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import { z } from 'zod'
import { getRedirectUrl } from '../../../domain/redirect_urls/redirect_url.ts'
import { RedirectUrl, redirectUrlToWire } from '../../../wire/redirect_url.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls',
  name: 'pwa_redirect_url_v3_Get',
  sdk: 'redirectURLs.get',
  summary: 'Returns the redirect URL of exactly that text.',
  caller: 'workspace',
  query: { url: z.string() },
  reply: { redirect_url: RedirectUrl },
  async run(app, { params, query }) {
    const { environment } = await environmentAt(app, params)
    return { redirect_url: redirectUrlToWire(await getRedirectUrl(app, environment, query.url)) }
  },
})
