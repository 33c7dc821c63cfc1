/** The tokens of links that reset passwords (reference: README.md "bad password reset token"). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findOneTimeToken, isRedeemable, type OneTimeToken } from '../proofs/one_time_token.ts'

/** The record of a reset link. Refuses with `unable_to_auth_password_reset_token` what cannot be redeemed. */
export async function findResetToken(
  app: App,
  environment: Environment,
  purpose: 'password reset' | 'discovery password reset',
  text: string,
): Promise<OneTimeToken> {
  const token = await findOneTimeToken(app, environment, purpose, text)
  return token && isRedeemable(token, app.now()) ? token : fail('unable_to_auth_password_reset_token')
}
