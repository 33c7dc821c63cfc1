/** A real OpenID provider (`oidc-provider`) on loopback that signs one person in without asking, for access tokens to migrate with. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export type OpenIdProvider = {
  userinfo_url: string
  /** Runs the authorization code flow with PKCE as a browser and a client would, and returns the access token. */
  accessToken(): Promise<string>
  stop(): void
}

const client_id = 'legacy-app'
const redirect_uri = 'https://app.example.com/callback'

/** Starts the provider; its only account has these claims. */
export async function startOpenIdProvider(claims: {
  sub: string
  email: string
  email_verified: boolean
}): Promise<OpenIdProvider> {
  const server = createServer((request, response) => handle?.(request, response))
  let handle: ReturnType<Provider['callback']> | undefined
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { warn, info } = console
  // It warns that its signing keys and cookies are for development, which they are.
  console.warn = console.info = () => {}
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id,
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirect_uri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ ...claims, sub: accountId }) }),
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 60, Session: 600 },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  })
  console.warn = warn
  console.info = info
  const callback = provider.callback()
  handle = async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    // The page that would ask for a password and for consent gives both at once.
    const { params } = await provider.interactionDetails(request, response)
    const grant = new provider.Grant({ accountId: claims.sub, clientId: client_id })
    grant.addOIDCScope(String(params.scope))
    const consent = { grantId: await grant.save() }
    await provider.interactionFinished(request, response, { login: { accountId: claims.sub }, consent })
  }
  return {
    userinfo_url: `${issuer}/me`,
    accessToken: () => authorize(issuer),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function authorize(issuer: string): Promise<string> {
  const code_verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const cookies = new Map<string, string>()
  let location = `${issuer}/auth?${query}`
  while (location.startsWith(issuer)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(location, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]?.split('=') ?? []
      cookies.set(name, value)
    }
    const next = response.headers.get('location')
    if (!next) throw new Error(`The provider answered ${response.status}: ${await response.text()}`)
    location = new URL(next, issuer).href
  }
  const code = new URL(location).searchParams.get('code') ?? ''
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, client_id, code_verifier }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return access_token
}
