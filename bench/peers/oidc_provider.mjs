/**
 * oidc-provider with its token introspection, and everything in the memory of one process. It makes access tokens of as
 * many accounts as it is asked for, listens, and answers with its port, the client's credentials and the tokens.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import Provider from 'oidc-provider'

process.once('message', async ({ accounts }) => {
  const client = { client_id: 'bench', client_secret: randomBytes(32).toString('hex') }
  const provider = providerOf(client)
  const tokens = await Promise.all(Array.from({ length: accounts }, (_, number) => issue(provider, client, number)))
  const server = provider.listen(0, '127.0.0.1', () => {
    const authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`
    process.send({ port: server.address().port, authorization, tokens })
  })
})
// Whoever started this process is gone.
process.once('disconnect', () => process.exit())

function providerOf(client) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return new Provider('http://127.0.0.1', {
    adapter: Memory,
    clients: [
      { ...client, redirect_uris: ['https://example.com/callback'], token_endpoint_auth_method: 'client_secret_basic' },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: { introspection: { enabled: true, allowedPolicy }, devInteractions: { enabled: false } },
    ttl: { AccessToken: 24 * 60 * 60, Grant: 24 * 60 * 60 },
  })
}

/** A client may ask about its own tokens. */
function allowedPolicy(_, client, token) {
  return client.clientId === token.clientId
}

/** An opaque access token of an account, with the grant that it hangs on. */
async function issue(provider, { client_id }, number) {
  const client = await provider.Client.find(client_id)
  const accountId = `account-${number}`
  const grant = new provider.Grant({ accountId, clientId: client_id })
  grant.addOIDCScope('openid email')
  const grantId = await grant.save()
  const token = new provider.AccessToken({
    accountId,
    client,
    grantId,
    scope: 'openid email',
    gty: 'authorization_code',
  })
  return token.save()
}

/** Rows in a Map. The adapter that comes along forgets after a thousand. */
class Memory {
  static rows = new Map()

  constructor(model) {
    this.model = model
  }

  #key(id) {
    return `${this.model}:${id}`
  }

  async upsert(id, payload) {
    Memory.rows.set(this.#key(id), payload)
  }

  async find(id) {
    return Memory.rows.get(this.#key(id))
  }

  async destroy(id) {
    Memory.rows.delete(this.#key(id))
  }
}
