/** POST /v1/otps/sms/send: a code by SMS to a known number, or to one that is added to a user. */
import { lookUpPresented, requirePresented } from '../../../../domain/sessions/presented.ts'
import { checkSelection } from '../../../../domain/signin/addressee.ts'
import { readPhoneRequest, sendCode } from '../../../../domain/signin/code_sending.ts'
import { phoneFields, phoneSentShape, sendFields } from '../../../../wire/one_time_code.ts'
import { operation } from '../../../operation.ts'
import { sandboxPhoneSent } from '../../sandbox.ts'

export const send = operation({
  route: 'POST /v1/otps/sms/send',
  name: 'api_otp_v1_otp_sms_Send',
  sdk: 'otps.sms.send',
  summary: 'Sends a one-time code by SMS to the user who has the number, or adds the number to a user first.',
  caller: 'project',
  vertical: 'consumer',
  body: { ...phoneFields, ...sendFields },
  reply: phoneSentShape,
  async look_up(app, { project_id, body }) {
    checkSelection(body)
    return lookUpPresented(app, project_id, body)
  },
  sandbox: (_, { environment, body }) => sandboxPhoneSent(environment, body.phone_number),
  async run(app, { environment, body }, lookup) {
    const request = readPhoneRequest(environment, 'sms', body)
    const presented = await requirePresented(app, environment, body, lookup)
    const { user, contact } = await sendCode(app, environment, request, { user_id: body.user_id, presented })
    return { user_id: user.user_id, phone_id: contact.id }
  },
})
