/** Email templates: what a project's mails look like and say, and who they are from (reference: management.md §12). */
import type { Look } from '../../delivery/message.ts'

/** The kinds of mail that a text can be written for. */
export const customTypes = [
  'LOGIN',
  'SIGNUP',
  'INVITE',
  'RESET_PASSWORD',
  'ONE_TIME_PASSCODE',
  'ONE_TIME_PASSCODE_SIGNUP',
  'VERIFY_EMAIL_PASSWORD_RESET',
  'UNLOCK',
] as const

export type CustomType = (typeof customTypes)[number]
/** What a default is for: a kind of mail, or whichever has no default of its own. */
export type TemplateType = CustomType | 'PREBUILT'

export type SenderInformation = {
  from_local_part?: string | undefined
  from_domain?: string | undefined
  from_name?: string | undefined
  reply_to_local_part?: string | undefined
  reply_to_name?: string | undefined
}

/** A mail of the project's own; without plain text it has the one of ours beside its HTML. */
export type CustomHtml = {
  template_type: CustomType
  html_content: string
  plaintext_content?: string | undefined
  subject: string
}

/** Either our words with another look, or words of its own: one of the two customizations is null. */
export type EmailTemplate = {
  /** Chosen by the operator; never changes. */
  template_id: string
  /** Empty when it has none. */
  name: string
  sender_information: SenderInformation | null
  prebuilt_customization: Look | null
  custom_html_customization: CustomHtml | null
  created_at: number
}

/** Whether mails of that kind can be made from a template: another look suits every kind, words only their own. */
export function suits({ custom_html_customization: custom }: EmailTemplate, type: TemplateType): boolean {
  return custom === null || custom.template_type === type
}
