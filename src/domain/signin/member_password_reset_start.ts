/** Mailing a member, or somebody who may become one, a link that sets the password (reference: b2b.md §7.3). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { countAgainst } from '../limits/limit.ts'
import { sharesPasswords } from '../members/address_password.ts'
import { findPassword } from '../passwords/password.ts'
import { memberAddressee } from './member_addressee.ts'
import type { MemberNamed } from './member_password.ts'
import { isForbiddenMethod } from './policy.ts'
import { mailReset, type ResetMailRequest, type ResetTemplate, readResetRequest } from './reset_mail.ts'

export type MemberResetRequest = MemberNamed &
  ResetMailRequest & {
    login_redirect_url?: string | undefined
    code_challenge?: string | undefined
  }

const links = {
  reset: { kind: 'multi_tenant_passwords', purpose: 'password reset', flow: 'reset_password' },
  other: { kind: 'multi_tenant_magic_links', purpose: 'magic link', flow: 'login' },
} as const

/**
 * Mails a link to reset the password, and one to log in without it where the organization allows that and the environment has a
 * login URL. Refuses with `member_not_found` an address that nobody has and that may not join, else as `memberAddressee` does,
 * as `readResetRequest` does, and with `too_many_requests` more than one a second to an address.
 */
export async function startMemberPasswordReset(
  app: App,
  environment: Environment,
  given: MemberResetRequest,
): Promise<Awaited<ReturnType<typeof memberAddressee>>> {
  const { email_address, code_challenge, login_redirect_url } = given
  const more = { email_address, code_challenge, other: ['LOGIN', login_redirect_url] } as const
  const draft = await readResetRequest(app, environment, given, more)
  return app.transaction(async (app) => {
    await countAgainst(app, environment, 'email_resets', draft.email_address)
    const [named, email] = [given.organization_id, draft.email_address]
    const addressee = await memberAddressee(app, environment, named, email, 'password', 'member_not_found')
    const { organization, member } = addressee
    const of = { owner_id: member.member_id, method_id: member.email_id }
    const template = await resetTemplate(app, environment, email)
    const wanted = isForbiddenMethod(organization, member, 'magic_link') ? { reset: links.reset } : links
    await mailReset(app, environment, draft, template, of, wanted)
    return addressee
  })
}

/** Where passwords are of addresses, the first one comes with the proof of the address, and the mail says so. */
export async function resetTemplate(app: App, environment: Environment, email_address: string): Promise<ResetTemplate> {
  const isFirst = sharesPasswords(environment) && !(await findPassword(app, environment, email_address))
  return isFirst ? 'verify_email' : 'reset_password'
}
