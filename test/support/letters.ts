/** Letters for tests of delivery. */
import type { Letter, Link, Locale, Template } from '../../src/delivery/message.ts'
import type { Outgoing } from '../../src/delivery/transport.ts'
import { render } from '../../src/delivery/words.ts'

export const locales: Locale[] = ['en', 'es', 'pt-br', 'fr']
export const linkTemplates = ['login', 'signup', 'invite', 'reset_password', 'verify_email', 'unlock'] as const
export const codeTemplates = ['otp_login', 'otp_signup', 'otp_mfa'] as const
export const templates: Template[] = [...linkTemplates, ...codeTemplates]

/** A link of that purpose. */
export function linkFor(
  purpose: Link['purpose'],
  url = `https://app.example.com/${purpose}?token=secret-${purpose}&a=b`,
): Link {
  return { purpose, url, token: `secret-${purpose}` }
}

/** A letter as the domain would write it, with what is given changed. */
export function letter(template: Template, change: Partial<Letter> = {}): Letter {
  const isCode = codeTemplates.some((one) => one === template)
  return {
    channel: 'email',
    template,
    locale: 'en',
    project_name: 'Acme',
    code: isCode ? '123456' : undefined,
    links: isCode ? [] : [linkFor(template as Link['purpose'])],
    minutes: isCode ? 10 : 60,
    ...change,
  }
}

/** A message ready to be sent. */
export function outgoing(letter: Letter, change: Partial<Outgoing> = {}): Outgoing {
  return {
    message_id: 'message-test-0198a1f2-0000-7000-8000-000000000001',
    project_id: 'project-test-11111111-1111-4111-8111-111111111111',
    channel: letter.channel,
    to: letter.channel === 'email' ? 'ada@example.com' : '+14155550123',
    letter,
    words: render(letter),
    created_at: Date.UTC(2025, 3, 22, 7),
    ...change,
  }
}
