/** POST /v1/otps/sms/login_or_create: what all sends do, and whom this one creates. */
import { testLoginOrCreate } from '../../../../support/code_sending.ts'

testLoginOrCreate('sms')
