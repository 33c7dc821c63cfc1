/** Email addresses and phone numbers of users, addressed by their own ids. */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { requireOwnId } from '../own_id.ts'
import { findUserBy } from './reference.ts'
import type { User } from './row.ts'
import { changeUser, emailIdentifiers, phoneIdentifiers, release } from './user.ts'

/**
 * Takes an email address from its user, and with the last one the password that hangs on it. Always allowed: backend
 * deletes are administration (reference: consumer.md §2.5). Refuses with `invalid_email_id` or `email_not_found`.
 */
export function deleteEmail(app: App, environment: Environment, email_id: string): Promise<User> {
  requireOwnId(environment, email_id, 'email', 'invalid_email_id')
  return app.transaction(async (app) => {
    const owner = (await findUserBy(app, environment, 'email_id', email_id)) ?? fail('email_not_found')
    return changeUser(app, environment, owner.user_id, async (app, user) => {
      const email = user.emails.find((entry) => entry.email_id === email_id) ?? fail('email_not_found')
      await release(app, user, emailIdentifiers(email))
      const emails = user.emails.filter((entry) => entry !== email)
      return { ...user, emails, password: emails.length === 0 ? null : user.password }
    })
  })
}

/** Takes a phone number from its user. Refuses with `invalid_id` or `phone_number_not_found`. */
export function deletePhoneNumber(app: App, environment: Environment, phone_id: string): Promise<User> {
  requireOwnId(environment, phone_id, 'phone-number', 'invalid_id')
  return app.transaction(async (app) => {
    const owner = (await findUserBy(app, environment, 'phone_id', phone_id)) ?? fail('phone_number_not_found')
    return changeUser(app, environment, owner.user_id, async (app, user) => {
      const phone = user.phone_numbers.find((entry) => entry.phone_id === phone_id) ?? fail('phone_number_not_found')
      await release(app, user, phoneIdentifiers(phone))
      return { ...user, phone_numbers: user.phone_numbers.filter((entry) => entry !== phone) }
    })
  })
}
