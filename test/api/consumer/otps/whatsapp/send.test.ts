/** POST /v1/otps/whatsapp/send: what all sends do, and whom this one may write to. */
import { testSend } from '../../../../support/code_sending.ts'

testSend('whatsapp')
