/** Argon2 (RFC 9106): our own password hashes, and imported ones as PHC text or as hexadecimal beside their parameters. */
import { timingSafeEqual } from 'node:crypto'
import { isMainThread } from 'node:worker_threads'
import { hash, hashRaw, hashRawSync, hashSync } from '@node-rs/argon2'
import { fail } from '../../errors.ts'
import { encodeBase64 } from './base64.ts'

/** Parameters of an Argon2 hash as a request gives them; `salt` is plain text, `memory` in KiB, `key_length` in bytes. */
export type Argon2Config = {
  salt: string
  iteration_amount: number
  memory: number
  threads: number
  key_length: number
}

type Argon2 = {
  algorithm: 'argon2i' | 'argon2id'
  version: 16 | 19
  memory: number
  iterations: number
  threads: number
  salt: Buffer
  key: Buffer
}

// A thread that hashes passwords does so itself; anywhere else the thread pool does, so that the event loop goes on.

/** What new hashes cost: 19 MiB, two passes, one lane. */
const own = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const ownPrefix = '$argon2id$v=19$m=19456,t=2,p=1$'

/** The most memory an imported hash may ask for, in KiB. */
const mostMemory = 262_144
/** The most KiB that an imported hash may fill, over all its passes: about a second of one core. */
const mostWork = 1_048_576

const phc =
  /^\$(argon2id?)(?:\$v=(16|19))?\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([A-Za-z0-9+/]+)={0,2}\$([A-Za-z0-9+/]+)={0,2}$/

/** A new Argon2id hash of the password, with a random salt, as PHC text. */
export async function hashArgon2(password: string): Promise<string> {
  return isMainThread ? hash(password, own) : hashSync(password, own)
}

/** Whether it is a hash with the parameters that new ones get. */
export function isOwnArgon2(text: string): boolean {
  return text.startsWith(ownPrefix)
}

/** The memory that verifying takes, in KiB. */
export function argon2Memory(text: string): number {
  return Number(phc.exec(text)?.[3] ?? 0)
}

/** Compares in constant time. */
export async function verifyArgon2(text: string, password: string): Promise<boolean> {
  const { algorithm, version, memory, iterations, threads, salt, key } = stored(text)
  const options = {
    algorithm: algorithm === 'argon2i' ? 1 : 2,
    version: version === 16 ? 0 : 1,
    memoryCost: memory,
    timeCost: iterations,
    parallelism: threads,
    outputLen: key.length,
    salt,
  }
  const computed = isMainThread ? await hashRaw(password, options) : hashRawSync(password, options)
  return timingSafeEqual(computed, key)
}

/**
 * Reads an imported hash and returns its PHC text. Refuses what is neither form or costs too much with the
 * `invalid_argon_2_…` type of the parameter, and a hash of another length than `key_length` with
 * `argon_2_key_length_mismatch`.
 */
export function parseArgon2(algorithm: Argon2['algorithm'], text: string, config: Argon2Config | undefined): string {
  const parsed = text.startsWith('$') ? read(text) : fromHex(algorithm, text, config)
  if (!parsed || parsed.algorithm !== algorithm) {
    fail('invalid_hash', `hash must be ${algorithm} in PHC form, or hexadecimal together with argon_2_config.`)
  }
  check(parsed)
  return write(parsed)
}

function read(text: string): Argon2 | undefined {
  const [, algorithm, version, memory, iterations, threads, salt = '', key = ''] = phc.exec(text) ?? []
  if (algorithm === undefined) return undefined
  return {
    algorithm: algorithm as Argon2['algorithm'],
    // Texts of before version 1.3 do not name theirs.
    version: version === '19' ? 19 : 16,
    memory: Number(memory),
    iterations: Number(iterations),
    threads: Number(threads),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
}

function stored(text: string): Argon2 {
  const parsed = read(text)
  if (!parsed) throw new Error('A stored password hash cannot be read.')
  return parsed
}

function write({ algorithm, version, memory, iterations, threads, salt, key }: Argon2): string {
  const costs = `m=${memory},t=${iterations},p=${threads}`
  return `$${algorithm}$v=${version}$${costs}$${encodeBase64(salt)}$${encodeBase64(key)}`
}

function fromHex(algorithm: Argon2['algorithm'], text: string, config: Argon2Config | undefined): Argon2 | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined
  if (!config) fail('bad_request', 'argon_2_config is required unless hash is in PHC form.')
  const key = Buffer.from(text, 'hex')
  if (key.length !== config.key_length) fail('argon_2_key_length_mismatch')
  const { iteration_amount: iterations, memory, threads, salt } = config
  return { algorithm, version: 19, memory, iterations, threads, salt: Buffer.from(salt), key }
}

function check({ memory, iterations, threads, salt, key }: Argon2): void {
  if (salt.length < 8 || salt.length > 1024) fail('invalid_argon_2_salt')
  if (threads < 1 || threads > 16) fail('invalid_argon_2_threads')
  if (memory < 8 * threads || memory > mostMemory) fail('invalid_argon_2_memory')
  if (iterations < 1 || iterations * memory > mostWork) fail('invalid_argon_2_iteration_amount')
  if (key.length < 16 || key.length > 512) fail('invalid_argon_2_key_length')
}
