/** POST /v1/b2b/otps/email/discovery/send: mails a code that leads to the organizations of an address. */
import { z } from 'zod'
import { sendDiscoveryCode } from '../../../../../domain/discovery/codes.ts'
import { locale, minutes, templateId } from '../../../../../wire/sending.ts'
import { operation } from '../../../../operation.ts'

export const send = operation({
  route: 'POST /v1/b2b/otps/email/discovery/send',
  name: 'api_b2b_otp_v1_b2b_otp_email_discovery_Send',
  sdk: 'otps.email.discovery.send',
  summary: 'Mails a discovery code to any address; the answer does not tell whether anybody has it.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    email_address: z.string(),
    discovery_expiration_minutes: minutes('How long the code can be used: 2 to 15 minutes, 10 without it.'),
    login_template_id: templateId,
    ...locale('api_b2b_otp_v1_SendRequestLocale'),
  },
  reply: {},
  async run(app, { environment, body }) {
    await sendDiscoveryCode(app, environment, body)
    return {}
  },
})
