/** DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls. */
import { z } from 'zod'
import { deleteRedirectUrl } from '../../../domain/redirect_urls/redirect_url.ts'
import { noPromotionInQuery } from '../../../wire/redirect_url.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const remove = operation({
  route: 'DELETE /pwa/v3/projects/{project_slug}/environments/{environment_slug}/redirect_urls',
  name: 'pwa_redirect_url_v3_Delete',
  sdk: 'redirectURLs.delete',
  summary: 'Removes a redirect URL. Nothing leads there from the next call on.',
  caller: 'workspace',
  query: { url: z.string(), do_not_promote_defaults: noPromotionInQuery },
  reply: {},
  async run(app, { params, query }) {
    const { environment } = await environmentAt(app, params)
    await deleteRedirectUrl(app, environment, query)
    return {}
  },
})
