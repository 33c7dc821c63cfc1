/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls/all. */
import { z } from 'zod'
import { listRedirectUrls } from '../../../domain/redirect_urls/redirect_url.ts'
import { RedirectUrl, redirectUrlToWire } from '../../../wire/redirect_url.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const getAll = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls/all',
  name: 'pwa_redirect_url_v3_GetAll',
  sdk: 'redirectURLs.getAll',
  summary: 'Lists the redirect URLs of an environment, oldest first.',
  caller: 'workspace',
  reply: { redirect_urls: z.array(RedirectUrl) },
  async run(app, { params }) {
    const { environment } = await environmentAt(app, params)
    const redirect_urls = await listRedirectUrls(app, environment)
    return { redirect_urls: redirect_urls.map(redirectUrlToWire) }
  },
})
