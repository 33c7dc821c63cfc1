// A whole session with the official client: your backend vouches for a user, the user gets a session, the session ends.
// Run it from the repository while the server runs: node examples/session.mjs
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { SignJWT } from 'jose'
import { Client } from 'stytch'

const url = process.env.SELVAGE_URL ?? 'http://127.0.0.1:3000'
const { consumer, workspace } = JSON.parse(readFileSync('data/credentials.json', 'utf8'))
const client = new Client({ project_id: consumer.project_id, secret: consumer.secret, env: url })

// The management API, with the workspace key: trust a key of your own. Whoever holds its private half can vouch for users.
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const answer = await fetch(`${url}/pwa/v3/projects/consumer-project/environments/test/trusted_token_profiles`, {
  method: 'POST',
  headers: { authorization: `Basic ${btoa(`${workspace.key_id}:${workspace.secret}`)}` },
  body: JSON.stringify({
    name: 'My backend',
    issuer: 'my-backend',
    audience: 'selvage',
    public_key_type: 'PEM',
    pem_files: [publicKey.export({ type: 'spki', format: 'pem' })],
    can_jit_provision: true,
  }),
})
const { profile } = await answer.json()

// Your backend has checked who this is, in its own way, and says so.
const token = await new SignJWT({ email: 'ada@example.com' })
  .setProtectedHeader({ alg: 'RS256' })
  .setJti('login-1')
  .setIssuer('my-backend')
  .setAudience('selvage')
  .setExpirationTime('5m')
  .sign(privateKey)

const { session_token, user } = await client.sessions.attest({
  profile_id: profile.profile_id,
  token,
  session_duration_minutes: 60,
})
const { session_jwt, session } = await client.sessions.authenticate({
  session_token,
  session_custom_claims: { plan: 'pro' },
})
const local = await client.sessions.authenticateJwtLocal({ session_jwt })
console.log(
  `${user.emails[0].email} has ${session.session_id}, which verifies locally: ${local.session_id === session.session_id}`,
)

await client.sessions.revoke({ session_token })
await client.sessions
  .authenticate({ session_token })
  .catch((error) => console.log(`After revoking it: ${error.error_type}`))
