/** An issuer of trusted auth tokens that a test project trusts, and sessions started with its tokens. */
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { createProfile, type Profile } from '../../src/domain/trusted_tokens/profile.ts'
import { type Answer, succeed } from './call.ts'
import { preparedKeyPair, type TestProject, type World } from './world.ts'

export const issuer = 'https://issuer.example.com'
export const audience = 'selvage-tests'

export type Issuer = {
  profile: Profile
  private_key: KeyObject
  /** A token for that address, signed now, valid for five minutes; claims replace or add, `undefined` removes. */
  token(email: string, claims?: Record<string, unknown>, header?: { alg?: string; kid?: string }): Promise<string>
}

/** Lets the project trust an issuer by one PEM key; users are provisioned unless told otherwise. */
export async function trustIssuer(
  world: World,
  project: TestProject,
  profile: Partial<Parameters<typeof createProfile>[3]> = {},
): Promise<Issuer> {
  const private_key = createPrivateKey((await preparedKeyPair()).private_pem)
  const pem = createPublicKey(private_key).export({ type: 'spki', format: 'pem' }).toString()
  const created = await createProfile(world.app, project.environment, 'CONSUMER', {
    name: 'Tests',
    issuer,
    audience,
    can_jit_provision: true,
    public_key_type: 'PEM',
    pem_files: [pem],
    attribute_mapping: {
      email: 'email',
      token_id: 'jti',
      external_user_id: 'external',
      role_ids: 'roles',
    },
    ...profile,
  })
  return {
    profile: created,
    private_key,
    token: (email, claims, header) => signToken(world, private_key, { email, jti: randomUUID(), ...claims }, header),
  }
}

/** Signs claims as the issuer would. */
export function signToken(
  world: World,
  key: KeyObject,
  claims: Record<string, unknown>,
  header: { alg?: string; kid?: string } = {},
): Promise<string> {
  const now = Math.floor(world.clock.now() / 1000)
  const payload = { iss: issuer, aud: audience, iat: now, exp: now + 300, ...claims }
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', ...header }).sign(key)
}

/** Starts a session of an hour for a user with that address, provisioned if need be. */
export async function startSession(
  world: World,
  project: TestProject,
  from: Issuer,
  email = `${randomUUID()}@example.com`,
  fields: Record<string, unknown> = {},
): Promise<Answer['body']> {
  return succeed(world, project, 'POST /v1/sessions/attest', {
    profile_id: from.profile.profile_id,
    token: await from.token(email),
    session_duration_minutes: 60,
    ...fields,
  })
}
