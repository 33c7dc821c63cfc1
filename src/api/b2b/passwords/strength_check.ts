/** POST /v1/b2b/passwords/strength_check: would this password be accepted? */
import { z } from 'zod'
import { assessPassword } from '../../../domain/signin/password_assessment.ts'
import { feedbackOfMember, strengthShape, strengthToWire } from '../../../wire/password.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'

export const strengthCheck = operation({
  route: 'POST /v1/b2b/passwords/strength_check',
  name: 'api_b2b_password_v1_StrengthCheck',
  sdk: 'passwords.strengthCheck',
  summary: 'Tells whether a password would be accepted, and what to tell the person about it. Nothing is kept.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    password: z.string(),
    email_address: maybe(z.string()).describe(
      'Whose password it would be; only with it the password is looked up in breaches.',
    ),
  },
  reply: { ...strengthShape, ...feedbackOfMember },
  async run(app, { environment, body: { password, email_address: email } }) {
    const found = await assessPassword(app, environment, { password, email })
    const { warning, suggestions, luds_requirements: luds_feedback } = found
    const strength = strengthToWire(environment.password_strength, found)
    return { ...strength, luds_feedback, zxcvbn_feedback: { warning, suggestions } }
  },
})
