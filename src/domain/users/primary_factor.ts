/** Exchanging the one thing a user has to sign in with: `users.exchangePrimaryFactor` (reference: consumer.md §2.4). */
import { fail } from '../../errors.ts'
import { parseEmail } from '../../values/email.ts'
import { newId } from '../../values/id.ts'
import { parsePhoneNumber } from '../../values/phone.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { revokeOneTimeCodes } from '../proofs/one_time_code.ts'
import { expireOneTimeTokens } from '../proofs/one_time_token.ts'
import { contactsOf, takeBackUnproven } from './contacts.ts'
import { getUser } from './reference.ts'
import type { User } from './row.ts'
import { changeUser, claim, emailIdentifiers, phoneIdentifiers, release } from './user.ts'

/**
 * Puts another email address or phone number in the place of the only one a user has; the new one gets an id of its own
 * and keeps whether it was verified. Refuses with `invalid_exchange_primary_factor_fields` unless exactly one is given,
 * with `invalid_exchange_primary_factor_user` unless the user has exactly one factor and it is an address or a number,
 * and an address or number that is malformed or taken.
 */
export async function exchangePrimaryFactor(
  app: App,
  environment: Environment,
  reference: string,
  given: { email_address?: string | undefined; phone_number?: string | undefined },
): Promise<User> {
  if (!given.email_address === !given.phone_number) fail('invalid_exchange_primary_factor_fields')
  const email = given.email_address ? (parseEmail(given.email_address) ?? fail('invalid_email')) : undefined
  const phone_number = given.phone_number
    ? (parsePhoneNumber(given.phone_number) ?? fail('invalid_phone_number'))
    : undefined
  const { user_id } = await takeBack(app, environment, reference, { email, phone_number })
  return changeUser(app, environment, user_id, async (app, user) => {
    const [old] = contactsOf(user)
    if (countFactors(user) !== 1 || !old) fail('invalid_exchange_primary_factor_user')
    if (old.value === (email ?? phone_number)) return user
    const { type } = environment
    const { verified } = old
    const next: User = {
      ...user,
      emails: email ? [{ email_id: newId('email', type), email, verified }] : [],
      phone_numbers: phone_number ? [{ phone_id: newId('phone-number', type), phone_number, verified }] : [],
    }
    await release(app, user, contactIdentifiers(user))
    // What was sent to the old one must not let anybody in any more. Links are still known: refused as used up, not as unknown.
    await expireOneTimeTokens(app, environment, user.user_id, { method_id: old.id })
    await revokeOneTimeCodes(app, environment, user.user_id, old.id)
    await claim(app, next, contactIdentifiers(next))
    return next
  })
}

/** The user as named. What the user, or who has the new value, was given and has not proven in time does not count. */
async function takeBack(
  app: App,
  environment: Environment,
  reference: string,
  { email, phone_number }: { email: string | undefined; phone_number: string | undefined },
): Promise<User> {
  const user = await getUser(app, environment, reference)
  await takeBackUnproven(app, environment, [
    ...contactsOf(user).filter(({ verified }) => !verified),
    ...(email ? [{ kind: 'email' as const, value: email }] : []),
    ...(phone_number ? [{ kind: 'phone_number' as const, value: phone_number }] : []),
  ])
  return user
}

/** How many things a user could sign in with or add to a sign-in. */
function countFactors(user: User): number {
  const lists = [
    user.emails,
    user.phone_numbers,
    user.providers,
    user.webauthn_registrations,
    user.biometric_registrations,
    user.totps,
    user.crypto_wallets,
  ]
  return lists.flat().length + (user.password ? 1 : 0)
}

function contactIdentifiers({ emails, phone_numbers }: User) {
  return [...emails.flatMap(emailIdentifiers), ...phone_numbers.flatMap(phoneIdentifiers)]
}
