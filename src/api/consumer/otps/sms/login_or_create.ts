/** POST /v1/otps/sms/login_or_create: a code by SMS to whoever has the number, known or new. */
import { readPhoneRequest, sendCodeOrCreate } from '../../../../domain/signin/code_sending.ts'
import { createdShape, loginOrCreateFields, phoneFields, phoneSentShape } from '../../../../wire/one_time_code.ts'
import { operation } from '../../../operation.ts'
import { sandboxPhoneSent } from '../../sandbox.ts'

export const loginOrCreate = operation({
  route: 'POST /v1/otps/sms/login_or_create',
  name: 'api_otp_v1_otp_sms_LoginOrCreate',
  sdk: 'otps.sms.loginOrCreate',
  summary: 'Sends a one-time code by SMS to the user who has the number, and creates a user when nobody has it.',
  caller: 'project',
  vertical: 'consumer',
  body: { ...phoneFields, ...loginOrCreateFields },
  reply: { ...phoneSentShape, ...createdShape },
  sandbox: (_, { environment, body }) => sandboxPhoneSent(environment, body.phone_number, { user_created: false }),
  async run(app, { environment, body }) {
    const request = readPhoneRequest(environment, 'sms', body)
    const { user, contact, user_created } = await sendCodeOrCreate(app, environment, request, body)
    return { user_id: user.user_id, phone_id: contact.id, user_created }
  },
})
