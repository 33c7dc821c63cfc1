/** POST /v1/otps/email/login_or_create: a code by email to whoever has the address, known or new. */
import { readEmailRequest, sendCodeOrCreate } from '../../../../domain/signin/code_sending.ts'
import { createdShape, emailFields, emailSentShape, loginOrCreateFields } from '../../../../wire/one_time_code.ts'
import { operation } from '../../../operation.ts'
import { sandboxEmailSent } from '../../sandbox.ts'

export const loginOrCreate = operation({
  route: 'POST /v1/otps/email/login_or_create',
  name: 'api_otp_v1_otp_email_LoginOrCreate',
  sdk: 'otps.email.loginOrCreate',
  summary: 'Sends a one-time code by email to the user who has the address, and creates a user when nobody has it.',
  caller: 'project',
  vertical: 'consumer',
  body: { ...emailFields, ...loginOrCreateFields },
  reply: { ...emailSentShape, ...createdShape },
  sandbox: (_, { environment, body }) => sandboxEmailSent(environment, body.email, { user_created: false }),
  async run(app, { environment, body }) {
    const request = await readEmailRequest(app, environment, body)
    const { user, contact, user_created } = await sendCodeOrCreate(app, environment, request, body)
    return { user_id: user.user_id, email_id: contact.id, user_created }
  },
})
