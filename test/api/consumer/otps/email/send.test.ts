/** POST /v1/otps/email/send: what all sends do, and whom this one may write to. */
import { testSend } from '../../../../support/code_sending.ts'

testSend('email')
