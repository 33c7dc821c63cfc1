/** What would be said of a password, before anybody chooses it (reference: consumer.md §3.4). */
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findMembersOf } from '../members/reference.ts'
import { checkLength } from '../passwords/acceptance.ts'
import { checkStrength, personalWords, type Strength } from '../passwords/strength.ts'
import { findUserBy } from '../users/reference.ts'
import { wordsAboutMembers } from './member_password.ts'
import { wordsAbout } from './password.ts'

/**
 * Strength, feedback and breaches of a password. An email address, which need not be whole yet, adds what is known about
 * its user or members to the words to avoid, and the look-up in breaches, where the environment has that on.
 */
export async function assessPassword(
  app: App,
  environment: Environment,
  { password, email }: { password: string; email?: string | undefined },
): Promise<Strength & { breached: boolean }> {
  checkLength(password)
  const { password_strength } = environment
  const address = email ? parseEmail(email) : undefined
  const known = address === undefined ? undefined : await wordsKnown(app, environment, address)
  const words = known ?? personalWords(email ? [email] : [], [])
  const strength = await checkStrength(app, environment, password, words)
  const looksUp = Boolean(email) && password_strength.check_breach_on_creation
  const breached = looksUp && (await app.passwords.isBreached(password))
  return { ...strength, valid: strength.valid && !breached, breached }
}

/** The words about whoever has the address, and the address itself. */
async function wordsKnown(app: App, environment: Environment, email_address: string): Promise<string[]> {
  if (environment.vertical === 'B2B') {
    return wordsAboutMembers(email_address, await findMembersOf(app, environment, email_address))
  }
  const user = await findUserBy(app, environment, 'email', email_address)
  return user ? wordsAbout(user) : personalWords([email_address], [])
}
