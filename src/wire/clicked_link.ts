/** The parameters of a mailed link. */
import { z } from 'zod'
import { maybe } from './shape.ts'

/** All of them may be missing: what is left of a broken link is answered with a page that helps, not with a complaint. */
export const clickedLink = {
  public_token: maybe(z.string()),
  stytch_token_type: maybe(z.string()),
  token: maybe(z.string()),
}
