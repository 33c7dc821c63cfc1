/** POST /v1/otps/email/send: a code by email to a known address, or to one that is added to a user. */
import { lookUpPresented, requirePresented } from '../../../../domain/sessions/presented.ts'
import { checkSelection } from '../../../../domain/signin/addressee.ts'
import { readEmailRequest, sendCode } from '../../../../domain/signin/code_sending.ts'
import { emailFields, emailSentShape, sendFields } from '../../../../wire/one_time_code.ts'
import { operation } from '../../../operation.ts'
import { sandboxEmailSent } from '../../sandbox.ts'

export const send = operation({
  route: 'POST /v1/otps/email/send',
  name: 'api_otp_v1_otp_email_Send',
  sdk: 'otps.email.send',
  summary: 'Sends a one-time code by email to the user who has the address, or adds the address to a user first.',
  caller: 'project',
  vertical: 'consumer',
  body: { ...emailFields, ...sendFields },
  reply: emailSentShape,
  async look_up(app, { project_id, body }) {
    checkSelection(body)
    return lookUpPresented(app, project_id, body)
  },
  sandbox: (_, { environment, body }) => sandboxEmailSent(environment, body.email),
  async run(app, { environment, body }, lookup) {
    const request = await readEmailRequest(app, environment, body)
    const presented = await requirePresented(app, environment, body, lookup)
    const { user, contact } = await sendCode(app, environment, request, { user_id: body.user_id, presented })
    return { user_id: user.user_id, email_id: contact.id }
  },
})
