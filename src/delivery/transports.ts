/** Which transport carries which channel. */
import type { Outbound } from '../net/outbound.ts'
import type { Channel } from './message.ts'
import { type SmtpSettings, smtpTransport } from './smtp.ts'
import type { Transports } from './transport.ts'
import { type TwilioSettings, twilioTransport } from './twilio.ts'
import { type WebhookSettings, webhookTransport } from './webhook.ts'

/** Which domains templates may name for senders: those, and in test environments others too where none was configured. */
export type EmailDomains = { verified: string[]; others_in_test: boolean }

export type DeliverySettings = {
  /** Whether test environments keep messages for `/dev/inbox` where there is no transport (`auto`), or always. */
  test_inbox: 'auto' | 'always'
  message_retention_hours: number
  email_domains: EmailDomains
  smtp: SmtpSettings | undefined
  twilio: TwilioSettings | undefined
  /** Without `channels` it serves those that nothing else serves. */
  webhook: (WebhookSettings & { channels: Channel[] | undefined }) | undefined
}

/** The transports that are configured. A channel named for the webhook is the webhook's, whatever else could serve it. */
export function createTransports(
  { smtp, twilio, webhook }: DeliverySettings,
  { outbound, now }: { outbound: Outbound; now: () => number },
): Transports {
  const transports: Transports = {}
  if (smtp) transports.email = smtpTransport(smtp)
  const vendor = twilio && twilioTransport(twilio, outbound)
  if (twilio?.from !== undefined) transports.sms = vendor
  if (twilio?.whatsapp_from !== undefined) transports.whatsapp = vendor
  if (webhook) {
    const transport = webhookTransport(webhook, outbound, now)
    const free = (['email', 'sms', 'whatsapp'] as const).filter((channel) => !transports[channel])
    for (const channel of webhook.channels ?? free) transports[channel] = transport
  }
  return transports
}
