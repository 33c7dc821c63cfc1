/** A message in the inbox of a test environment. */
import { z } from 'zod'
import type { InboxMessage } from '../domain/messages/message.ts'
import { rfc3339 } from '../values/time.ts'
import { component, timestamp } from './shape.ts'

const Link = component(
  'selvage_dev_v1_Link',
  z.strictObject({
    purpose: z.enum(['login', 'signup', 'invite', 'reset_password', 'verify_email', 'unlock']),
    url: z.string(),
    token: z.string(),
  }),
)

export const Message = component(
  'selvage_dev_v1_Message',
  z.strictObject({
    message_id: z.string(),
    created_at: timestamp,
    project_id: z.string(),
    channel: z.enum(['email', 'sms', 'whatsapp']),
    to: z.string().describe('An email address, or a phone number in E.164.'),
    template: z.string().describe('What kind of message it is, for example `login` or `otp_login`.'),
    locale: z.string().describe('The language it is written in.'),
    subject: z.string().optional(),
    text: z.string(),
    html: z.string().optional(),
    code: z.string().optional(),
    url: z.string().optional().describe('The link of the main action.'),
    token: z.string().optional().describe('The token in that link.'),
    links: z.array(Link).describe('Every link in the message.'),
  }),
)

/** The wire form of a message. */
export function messageToWire({
  created_at,
  code,
  links,
  subject,
  html,
  ...rest
}: InboxMessage): z.input<typeof Message> {
  const [main] = links
  return {
    ...rest,
    created_at: rfc3339(created_at),
    ...(subject === undefined ? {} : { subject }),
    ...(html === undefined ? {} : { html }),
    ...(code === undefined ? {} : { code }),
    ...(main === undefined ? {} : { url: main.url, token: main.token }),
    links,
  }
}
