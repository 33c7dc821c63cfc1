/** The fields that requests for a mailed login or sign-up link share. */
import { z } from 'zod'
import { attributes, codeChallenge, minutes, templateId } from './sending.ts'
import { maybe } from './shape.ts'

export const mailedLink = {
  email: z.string(),
  login_magic_link_url: maybe(z.string()).describe('A registered LOGIN redirect URL; the default one without it.'),
  signup_magic_link_url: maybe(z.string()).describe('A registered SIGNUP redirect URL; the default one without it.'),
  login_expiration_minutes: minutes('How long a login link can be used: 5 to 10080 minutes, 60 without it.'),
  signup_expiration_minutes: minutes('How long a sign-up link can be used: 5 to 10080 minutes, 10080 without it.'),
  login_template_id: templateId,
  signup_template_id: templateId,
  ...attributes,
  ...codeChallenge,
}
