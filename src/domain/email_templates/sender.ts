/** Who mails of a template are from: which addresses an operator may give, and which of them are used. */
import { isLine } from '../../delivery/clean.ts'
import type { Sender } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import { isLocalPart, isMailDomain } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { EnvironmentRecord } from '../projects/environment.ts'
import type { SenderInformation } from './row.ts'

const longestName = 100

/**
 * The sender information that was given; null when it says nothing. Refuses with `invalid_from_local_part` and
 * `invalid_reply_to_local_part` what no address begins with, with `required_custom_email_domain` a domain that this server
 * does not send from, and with `invalid_template_values` a name that is no line.
 */
export function readSender(app: App, given: SenderInformation): SenderInformation | null {
  const { from_local_part, from_domain, from_name, reply_to_local_part, reply_to_name } = given
  if (from_local_part && !isLocalPart(from_local_part)) fail('invalid_from_local_part')
  if (reply_to_local_part && !isLocalPart(reply_to_local_part)) fail('invalid_reply_to_local_part')
  if (from_domain && !isAcceptable(app, from_domain)) {
    fail(
      'required_custom_email_domain',
      'sender_information.from_domain must be a domain that this server sends from (SELVAGE_EMAIL_DOMAINS).',
    )
  }
  for (const [field, name] of Object.entries({ from_name, reply_to_name })) {
    if (name && !isLine(name, longestName)) {
      fail(
        'invalid_template_values',
        `sender_information.${field} must be one line of at most ${longestName} characters.`,
      )
    }
  }
  const said = Object.entries(given).filter(([, text]) => text)
  return said.length === 0 ? null : (Object.fromEntries(said) as SenderInformation)
}

/** Templates belong to test environments too, in which any domain may do. */
function isAcceptable({ settings }: App, domain: string): boolean {
  const { verified, others_in_test } = settings.delivery.email_domains
  return isMailDomain(domain) && (others_in_test || verified.includes(domain.toLowerCase()))
}

/**
 * The sender of a mail from that environment. A domain that the server does not send from there leaves nothing but the
 * name: the address is then the server's own.
 */
export function senderOf(
  app: App,
  { project_id, type }: EnvironmentRecord,
  template_id: string,
  { from_local_part: local_part, from_domain, from_name: name, reply_to_local_part, reply_to_name }: SenderInformation,
): Sender {
  const { verified, others_in_test } = app.settings.delivery.email_domains
  const domain = from_domain?.toLowerCase()
  if (domain !== undefined && !verified.includes(domain) && !(others_in_test && type === 'TEST')) {
    const sentence =
      'A template names a domain that is not in SELVAGE_EMAIL_DOMAINS; the address of the server was used.'
    app.log.warn({ project_id, template_id, domain }, sentence)
    return { name }
  }
  const reply_to =
    reply_to_local_part === undefined ? undefined : { name: reply_to_name, local_part: reply_to_local_part }
  return { name, local_part, domain, reply_to }
}
