/** POST /v1/passwords/strength_check: would this password be accepted? */
import { z } from 'zod'
import { assessPassword } from '../../../domain/signin/password_assessment.ts'
import { Feedback } from '../../../wire/password.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const strengthCheck = operation({
  route: 'POST /v1/passwords/strength_check',
  name: 'api_password_v1_StrengthCheck',
  sdk: 'passwords.strengthCheck',
  summary: 'Tells whether a password would be accepted, and what to tell the person about it. Nothing is kept.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    password: z.string(),
    email: maybe(z.string()).describe(
      'Whose password it would be; only with it the password is looked up in breaches.',
    ),
  },
  reply: {
    valid_password: z.boolean().describe('Whether the policy is met and no breach is known.'),
    score: z.int().describe('How hard the password is to guess by zxcvbn, 0 to 4.'),
    breached_password: z.boolean(),
    strength_policy: z.string().describe('`zxcvbn` or `luds`.'),
    breach_detection_on_create: z.boolean().describe('Whether this environment looks new passwords up in breaches.'),
    feedback: Feedback,
  },
  async run(app, { environment, body }) {
    const { valid, score, breached, ...feedback } = await assessPassword(app, environment, body)
    const { validation_policy, check_breach_on_creation } = environment.password_strength
    return {
      valid_password: valid,
      score,
      breached_password: breached,
      strength_policy: validation_policy === 'LUDS' ? 'luds' : 'zxcvbn',
      breach_detection_on_create: check_breach_on_creation,
      feedback,
    }
  },
})
