/** What operations answer to sandbox values; each returns undefined for everything else, and then the operation runs. */
import type { App } from '../../domain/app.ts'
import type { Environment } from '../../domain/configuration/environment.ts'
import { isSandboxEmail, isSandboxPhoneNumber, signInSandboxUser } from '../../domain/sandbox/sandbox.ts'
import { ids, started_at } from '../../domain/sandbox/values.ts'
import type { Proof } from '../../domain/sessions/factors.ts'
import { readSessionChange, type SessionFields } from '../../domain/sessions/presented.ts'
import { signedIn } from './signed_in.ts'

/** A message to the sandbox address: nothing is sent. `more` are further fields of the reply. */
export async function sandboxEmailSent<More extends object>(
  environment: Environment,
  email: string,
  more: More = {} as More,
) {
  return isSandboxEmail(environment, email) ? { user_id: ids.user_id, email_id: ids.email_id, ...more } : undefined
}

/** A message to the sandbox number: nothing is sent. */
export async function sandboxPhoneSent<More extends object>(
  environment: Environment,
  phone_number: string,
  more: More = {} as More,
) {
  const known = isSandboxPhoneNumber(environment, phone_number)
  return known ? { user_id: ids.user_id, phone_id: ids.phone_id, ...more } : undefined
}

/** The sandbox user, signed in by what proves the sandbox address or number. */
export function sandboxContactProven(
  app: App,
  environment: Environment,
  proof: Proof | undefined,
  fields: SessionFields,
) {
  const method_id = proof && 'phone_number_factor' in proof ? ids.phone_id : ids.email_id
  return sandboxSignedIn(app, environment, proof, fields, { method_id, reset_sessions: false })
}

/** The sandbox user, signed in by their authenticator app or a recovery code of it. */
export function sandboxAppProven(app: App, environment: Environment, proof: Proof | undefined, fields: SessionFields) {
  return sandboxSignedIn(app, environment, proof, fields, { totp_id: ids.totp_id })
}

/** The sandbox user, signed up or in by whatever password. */
export function sandboxPasswordProven<More extends object>(
  app: App,
  environment: Environment,
  email: string,
  fields: SessionFields,
  more: More,
) {
  const proof = { type: 'password', delivery_method: 'knowledge' } as const
  return sandboxSignedIn(app, environment, isSandboxEmail(environment, email) ? proof : undefined, fields, more)
}

/** The sandbox user, signed in by that proof. `more` are the fields of the reply beside those of every sign-in. */
export async function sandboxSignedIn<More extends object>(
  app: App,
  environment: Environment,
  proof: Proof | undefined,
  fields: SessionFields,
  more: More,
) {
  if (!proof) return undefined
  const signIn = signInSandboxUser(app, environment, proof, readSessionChange(fields))
  const { session, ...reply } = await signedIn(app, environment, signIn)
  return { ...reply, session: session && publishedStart(session), ...more }
}

/** The sandbox session with its start as it is published, to the microsecond. */
export function publishedStart<T extends { started_at: string }>(session: T): T {
  return { ...session, started_at }
}
