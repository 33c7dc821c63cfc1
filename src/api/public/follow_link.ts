/** GET /v1/magic_links/redirect: where every mailed link points; it leads on to the application and spends nothing. */
import { findClick } from '../../domain/signin/click.ts'
import { deadLinkDocument, onwardDocument, unlockDocument } from '../../pages/click.ts'
import { clickedLink } from '../../wire/clicked_link.ts'
import { page } from '../page.ts'

export const followLink = page({
  route: 'GET /v1/magic_links/redirect',
  caller: 'public',
  query: clickedLink,
  async run(app, { query }) {
    const click = await findClick(app, query)
    if (!click) return { status: 404, document: deadLinkDocument(query.stytch_token_type) }
    const { kind, destination, environment } = click
    if (kind === 'unlock') return { document: unlockDocument(environment.project_name) }
    if (environment.type === 'TEST') return { redirect: destination }
    return { document: onwardDocument(destination, environment.project_name) }
  },
})
