/** What a template of the project makes of a message: the one that the request names, or else the project's default. */
import { isolated } from '../../delivery/clean.ts'
import type { Letter, Template } from '../../delivery/message.ts'
import { render, shownName } from '../../delivery/words.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { findDefault } from '../email_templates/default.ts'
import { type CustomType, type EmailTemplate, suits } from '../email_templates/row.ts'
import { senderOf } from '../email_templates/sender.ts'
import { getTemplate } from '../email_templates/template.ts'
import { fillIn } from '../email_templates/variables.ts'

/** The templates that a request names for the message that it may lead to. */
export type NamedTemplates = Record<'login' | 'signup', EmailTemplate | undefined>

/**
 * The template that a request names for a kind of mail; undefined when it names none. Refuses with
 * `email_template_not_found`, and with `invalid_template_id` words for another kind.
 */
export async function namedTemplate(
  app: App,
  environment: Environment,
  type: CustomType,
  template_id: string | undefined,
): Promise<EmailTemplate | undefined> {
  if (!template_id) return undefined
  const template = await getTemplate(app, environment, template_id)
  if (!suits(template, type)) fail('invalid_template_id', `The email template is not made for ${type} emails.`)
  return template
}

/** Those of a request that does not know yet whether it greets somebody new; refuses each as `namedTemplate` does. */
export async function namedTemplates(
  app: App,
  environment: Environment,
  way: 'link' | 'code',
  given: { login_template_id?: string | undefined; signup_template_id?: string | undefined },
): Promise<NamedTemplates> {
  const [login, signup] = way === 'link' ? (['LOGIN', 'SIGNUP'] as const) : codes
  return {
    login: await namedTemplate(app, environment, login, given.login_template_id),
    signup: await namedTemplate(app, environment, signup, given.signup_template_id),
  }
}

const codes = ['ONE_TIME_PASSCODE', 'ONE_TIME_PASSCODE_SIGNUP'] as const

const types: Record<Exclude<Template, 'verify_email'>, CustomType> = {
  login: 'LOGIN',
  signup: 'SIGNUP',
  invite: 'INVITE',
  reset_password: 'RESET_PASSWORD',
  unlock: 'UNLOCK',
  otp_login: 'ONE_TIME_PASSCODE',
  otp_signup: 'ONE_TIME_PASSCODE_SIGNUP',
  otp_mfa: 'ONE_TIME_PASSCODE',
}

/** The kind of mail that a message is. Whoever changes their address logs in by the link or code that proves the new one. */
function typeOf({ template, code, links }: Letter): CustomType {
  if (template !== 'verify_email') return types[template]
  if (code !== undefined) return 'ONE_TIME_PASSCODE'
  return links[0]?.purpose === 'reset_password' ? 'VERIFY_EMAIL_PASSWORD_RESET' : 'LOGIN'
}

/**
 * An email as the template has it: who it is from, and its look or its words. What is in it by then stays, whatever becomes
 * of the template: a message that is sent again is the same again.
 */
export async function dressed(
  app: App,
  environment: Environment,
  to: string,
  letter: Letter,
  named: EmailTemplate | undefined,
): Promise<Letter> {
  const template = named ?? (await findDefault(app, environment.project_slug, typeOf(letter)))
  if (!template) return letter
  const { template_id, sender_information, prebuilt_customization, custom_html_customization: custom } = template
  const sender = sender_information ? senderOf(app, environment, template_id, sender_information) : undefined
  if (!custom) return { ...letter, sender, look: prebuilt_customization ?? undefined }
  const values = {
    action: letter.code ?? letter.links[0]?.url ?? '',
    user_email: to,
    project_name: isolated(shownName(letter)),
    expiration_minutes: String(letter.minutes),
  }
  return { ...letter, sender, words: fillIn(custom, values, render(letter).text) }
}
