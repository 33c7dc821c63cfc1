/** POST /v1/magic_links/redirect: the button on the page of an unlock link; it redeems the link and unlocks the user. */
import { findClick } from '../../domain/signin/click.ts'
import { unlockByToken } from '../../domain/signin/lock.ts'
import { deadLinkDocument, unlockedDocument } from '../../pages/click.ts'
import { clickedLink } from '../../wire/clicked_link.ts'
import { page } from '../page.ts'

export const unlock = page({
  route: 'POST /v1/magic_links/redirect',
  caller: 'public',
  query: clickedLink,
  async run(app, { query }) {
    const click = await findClick(app, query)
    const unlocked = click?.kind === 'unlock' && (await unlockByToken(app, click.environment, click.token))
    if (!unlocked) return { status: 404, document: deadLinkDocument(query.stytch_token_type) }
    return { document: unlockedDocument(click.destination, click.environment.project_name) }
  },
})
