/** The master key and everything derived from it: sealed values, message authentication codes. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export type Keyring = {
  /** Seals a value for one purpose and place (AES-256-GCM); the place, for example a row's key, is authenticated with it. */
  seal(purpose: string, place: string, value: string): string
  /** Opens what `seal` made for the same purpose and place. Throws `SealError` when it cannot. */
  open(purpose: string, place: string, sealed: string): string
  /** Whether the value was sealed under the current master key. */
  isCurrent(sealed: string): boolean
  /** HMAC-SHA-256 under a key of that purpose, base64url. Uses the current master key only. */
  mac(purpose: string, message: string): string
}

/** A sealed value that none of the master keys at hand opens, or that was changed. */
export class SealError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'SealError'
  }
}

/**
 * Reads master keys: 32 bytes each in base64, base64url or hex, separated by commas. The first seals, all of them open.
 * Throws an Error that does not repeat the text.
 */
export function parseMasterKeys(text: string): Buffer[] {
  return text.split(',').map((part, index) => {
    const trimmed = part.trim()
    const key = /^[0-9a-fA-F]{64}$/.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64')
    if (key.length !== 32 || !/^[A-Za-z0-9+/_=-]+$/.test(trimmed)) {
      throw new Error(`key ${index + 1} is not 32 bytes in base64 or hex`)
    }
    return key
  })
}

/** A new master key as base64 text. */
export function newMasterKey(): string {
  return randomBytes(32).toString('base64')
}

/** Builds the keyring. Sealed values have the form `v1.<key id>.<base64url of nonce, ciphertext, tag>`. */
export function createKeyring(masterKeys: Buffer[]): Keyring {
  const keys = new Map<string, { master: Buffer; derived: Map<string, Buffer> }>()
  for (const master of masterKeys) {
    keys.set(derive(master, 'key id').toString('hex').slice(0, 8), { master, derived: new Map() })
  }
  const current = keys.keys().next().value as string

  function subkey(id: string, purpose: string): Buffer {
    const key = keys.get(id)
    if (!key) throw new SealError('The value was sealed under a master key that is not configured.')
    let derived = key.derived.get(purpose)
    if (!derived) {
      derived = derive(key.master, purpose)
      key.derived.set(purpose, derived)
    }
    return derived
  }

  return {
    seal(purpose, place, value) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', subkey(current, `seal ${purpose}`), nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `v1.${current}.${sealed.toString('base64url')}`
    },
    open(purpose, place, sealed) {
      const [version, id = '', body = ''] = sealed.split('.')
      const bytes = Buffer.from(body, 'base64url')
      if (version !== 'v1' || bytes.length < 28) throw new SealError('The text is not a sealed value.')
      const key = subkey(id, `seal ${purpose}`)
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-16))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
      } catch {
        throw new SealError('The sealed value does not open: it was changed, or made for another place or purpose.')
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`v1.${current}.`),
    mac(purpose, message) {
      return createHmac('sha256', subkey(current, `mac ${purpose}`))
        .update(message)
        .digest('base64url')
    },
  }
}

/** HKDF-SHA-256 (RFC 5869): one independent 32-byte key per purpose. */
function derive(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, 'selvage', purpose, 32))
}
