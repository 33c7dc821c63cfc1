/** Signing a user in by a one-time code that was sent to them (reference: consumer.md §1.4, §3.3; README "OTP, both verticals"). */
import { fail } from '../../errors.ts'
import { parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Attributes } from '../attributes.ts'
import type { Environment } from '../configuration/environment.ts'
import { checkOwnId } from '../own_id.ts'
import { type AttributeOptions, matchAttributes } from '../proofs/attribute_match.ts'
import { type CodeDetails, checkCodeForm, checkOneTimeCode, consumeOneTimeCode } from '../proofs/one_time_code.ts'
import type { Proof } from '../sessions/factors.ts'
import type { Presented } from '../sessions/presented.ts'
import type { SessionChange } from '../sessions/session.ts'
import { contactsOf, findContactOwner, type OwnContact } from '../users/contacts.ts'
import type { User } from '../users/row.ts'
import { takeTurn } from '../users/user.ts'
import { attempt, failedAttempt } from './attempt.ts'
import { refuseLocked } from './lock.ts'
import { type SignIn, signInUser } from './user.ts'

/** A code with the id of the address or number it was sent to. */
export type GivenCode = { method_id: string; code: string; kind: 'email_id' | 'phone_id' }

/** What has to be the same as when the code was asked for. */
export type Match = { attributes: Attributes; options: AttributeOptions | undefined }

/** Reads code and method as they come in. Refuses with `invalid_code`, `invalid_method_id` and ids of the other environment type. */
export function readCode(
  environment: Environment,
  { method_id, code }: { method_id: string; code: string },
): GivenCode {
  checkCodeForm(code)
  checkOwnId(environment, method_id)
  const prefix = parseId(method_id)?.prefix
  if (prefix !== 'email' && prefix !== 'phone-number') fail('invalid_method_id')
  return { method_id, code, kind: prefix === 'email' ? 'email_id' : 'phone_id' }
}

/**
 * Signs the owner of a method in by the code that was sent to it, which is used then, and the address or number proven.
 * Refuses a locked user; with `otp_code_not_found` a wrong code, which counts towards the lock and voids the code with the
 * fifth try; with `unable_to_auth_otp_code` one that was right once; with `attribute_mismatch`. Only a success uses the code.
 */
export function signInByCode(
  app: App,
  environment: Environment,
  { method_id, kind, code }: GivenCode,
  { attributes, options }: Match,
  presented: Presented | undefined,
  change: SessionChange,
): Promise<SignIn> {
  return attempt(app, async (app) => {
    const { user, contact } = await admit(app, environment, kind, method_id)
    const checked = await checkOneTimeCode(app, environment, method_id, code)
    if (checked.verdict === 'wrong') return failedAttempt(app, environment, user, 'otp_code_not_found')
    const uncounted = () => failedAttempt(app, environment, user, 'unable_to_auth_otp_code', { counts: false })
    if (checked.verdict === 'spent') return uncounted()
    const { details } = checked.code
    matchAttributes(details.attributes, attributes, options)
    if (!(await consumeOneTimeCode(app, checked.code))) return uncounted()
    const proof = proofOf(contact, details.channel)
    return signInUser(app, environment, user, proof, presented, change, contact.id)
  })
}

/** The owner of a method. Codes of one user are tried in turn, so that no guess is weighed before those ahead of it count. */
async function admit(
  app: App,
  environment: Environment,
  kind: GivenCode['kind'],
  method_id: string,
): Promise<{ user: User; contact: OwnContact }> {
  const found = (await findContactOwner(app, environment, kind, method_id)) ?? fail('otp_code_not_found')
  const user = await takeTurn(app, environment, found.user)
  const contact = contactsOf(user).find(({ id }) => id === method_id) ?? fail('otp_code_not_found')
  refuseLocked(app, user)
  return { user, contact }
}

function proofOf({ kind, id, value }: OwnContact, channel: CodeDetails['channel']): Proof {
  if (kind === 'email' || channel === 'email') {
    return { type: 'email_otp', delivery_method: 'email', email_factor: { email_id: id, email_address: value } }
  }
  const phone_number_factor = { phone_id: id, phone_number: value }
  return { type: 'otp', delivery_method: channel, phone_number_factor }
}
