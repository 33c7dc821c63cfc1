/** Signing a user in by a trusted auth token: `sessions.attest` (reference: consumer.md §1.11). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { spendTokenId, type TrustedToken } from '../proofs/trusted_token.ts'
import type { Presented } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import { findContactOwner } from '../users/contacts.ts'
import { findUserBy } from '../users/reference.ts'
import type { User } from '../users/row.ts'
import { createUser, updateUser } from '../users/user.ts'
import { beginningAgain } from './again.ts'
import { type SignIn, signInUser } from './user.ts'

/**
 * Finds the user of a verified token, or creates one where the profile allows it, assigns the roles of the token and
 * signs the user in; one transaction, so a refusal leaves nothing behind.
 */
export function signInByTrustedToken(
  app: App,
  environment: Environment,
  token: TrustedToken,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  return app.transaction(async (app) => {
    if (token.single_use) await spendTokenId(app, environment, token)
    const user = await identify(app, environment, token)
    return signInUser(
      app,
      environment,
      user,
      {
        type: 'trusted_auth_token',
        delivery_method: 'trusted_token_exchange',
        trusted_auth_token_factor: { token_id: token.token_id },
      },
      presented,
      change,
    )
  })
}

/** By external id first, whose email must then be the token's; else by email, attaching the external id when there is none. */
async function identify(app: App, environment: Environment, token: TrustedToken): Promise<User> {
  const { email, external_id: external_user_id, role_ids } = token
  const known = external_user_id ? await findUserBy(app, environment, 'external_id', external_user_id) : undefined
  if (known && !known.emails.some((entry) => entry.email === email)) {
    fail('invalid_trusted_auth_token', 'The external id of the token belongs to a user with another email address.')
  }
  const user = known ?? (await findContactOwner(app, environment, 'email', email))?.user
  if (!user) {
    if (!token.can_jit_provision) fail('user_not_found')
    const given = {
      email,
      email_verified: true,
      status: 'active',
      external_id: external_user_id,
      roles: role_ids,
    } as const
    return beginningAgain(createUser(app, environment, given))
  }
  const attaches = external_user_id !== undefined && user.external_id === null
  if (external_user_id !== undefined && !attaches && user.external_id !== external_user_id) {
    fail('invalid_trusted_auth_token', 'The user of that email address has another external id.')
  }
  const added_roles = role_ids.filter((role) => !user.assigned_roles.includes(role))
  if (!attaches && added_roles.length === 0) return user
  const change = { external_id: attaches ? external_user_id : undefined, added_roles }
  return beginningAgain(updateUser(app, environment, user.user_id, change))
}
