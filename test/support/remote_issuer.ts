/** An issuer whose tokens a project trusts: how tests start sessions on a server that runs in another process. */
import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import type { App } from '../../src/domain/app.ts'
import type { EnvironmentRecord } from '../../src/domain/projects/environment.ts'
import { createProfile } from '../../src/domain/trusted_tokens/profile.ts'

/** Adds a profile that provisions users, and returns the body of `sessions/attest` for an email address. */
export async function trustIssuer(app: App, environment: EnvironmentRecord) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { profile_id } = await createProfile(app, environment, 'CONSUMER', {
    name: 'Tests',
    audience: 'tests',
    issuer: 'https://issuer.example',
    public_key_type: 'PEM',
    pem_files: [publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    can_jit_provision: true,
  })
  let tokens = 0
  return async (email: string) => ({
    profile_id,
    session_duration_minutes: 60,
    token: await new SignJWT({ email, jti: `token ${++tokens}` })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('https://issuer.example')
      .setAudience('tests')
      .setExpirationTime(app.now() / 1000 + 3600)
      .sign(privateKey),
  })
}
