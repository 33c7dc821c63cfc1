/** An issuer of trusted auth tokens for members that a B2B test project trusts. */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { createProfile } from '../../src/domain/trusted_tokens/profile.ts'
import { audience, issuer, signToken } from './issuer.ts'
import { preparedKeyPair, type TestProject, type World } from './world.ts'

/** Lets the project trust an issuer by one PEM key; members and organizations are provisioned unless told otherwise. */
export async function trustMemberIssuer(
  here: World,
  project: TestProject,
  profile: Partial<Parameters<typeof createProfile>[3]> = {},
) {
  const private_key = createPrivateKey((await preparedKeyPair()).private_pem)
  const pem = createPublicKey(private_key).export({ type: 'spki', format: 'pem' }).toString()
  const { profile_id } = await createProfile(here.app, project.environment, 'B2B', {
    name: 'Tests',
    issuer,
    audience,
    can_jit_provision: true,
    public_key_type: 'PEM',
    pem_files: [pem],
    attribute_mapping: {
      email: 'email',
      token_id: 'jti',
      organization_id: 'tenant.id',
      external_member_id: 'external',
      role_ids: 'roles',
    },
    ...profile,
  })
  return {
    profile_id,
    /** A token for that address in that organization; further claims replace or add, `undefined` removes. */
    token: (email: string, organization?: unknown, claims: Record<string, unknown> = {}) =>
      signToken(here, private_key, { email, jti: randomUUID(), tenant: { id: organization }, ...claims }),
  }
}
