/** POST /v1/passwords/strength_check: would this password be accepted? */
import { z } from 'zod'
import { assessPassword } from '../../../domain/signin/password_assessment.ts'
import { Feedback, strengthShape, strengthToWire } from '../../../wire/password.ts'
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
  reply: { ...strengthShape, feedback: Feedback },
  async run(app, { environment, body }) {
    const found = await assessPassword(app, environment, body)
    const { warning, suggestions, luds_requirements } = found
    const strength = strengthToWire(environment.password_strength, found)
    return { ...strength, feedback: { warning, suggestions, luds_requirements } }
  },
})
