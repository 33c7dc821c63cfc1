/** Authenticator apps for tests: enrolled through the API, with the codes they would show. */
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import type { App } from '../../src/domain/app.ts'
import { createServer } from '../../src/http/server.ts'
import { succeed } from './call.ts'
import type { Credentials, World } from './world.ts'

/** Enrols an app and returns its id, its recovery codes, and what it shows `steps` times 30 seconds from now. */
export async function enrol(here: World, project: Credentials, user_id: string) {
  const { totp_id, secret, recovery_codes } = await succeed(here, project, 'POST /v1/totps', { user_id })
  const code = (steps = 0) => totpCode(secret, totpStep(here.clock.now()) + steps)
  return { totp_id, secret, recovery_codes: recovery_codes as string[], code }
}

/** Six digits that are none of those the app shows about now. */
export function wrongCode({ code }: { code: (steps?: number) => string }): string {
  const near = [-1, 0, 1].map(code)
  return ['000000', '111111', '222222', '333333'].find((digits) => !near.includes(digits)) as string
}

/** The same world without the limit on codes, for races of many calls at once. */
export function withoutTotpLimit(here: World): World {
  const { settings } = here.app
  const app: App = { ...here.app, settings: { ...settings, limits: { ...settings.limits, totp: undefined } } }
  return { ...here, app, server: createServer(app) }
}
