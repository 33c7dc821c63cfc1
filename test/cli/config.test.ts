/** Configuration: defaults, and every value that cannot be used is refused by the name of its variable. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { before, test } from 'node:test'
import { generate } from 'selfsigned'
import { ConfigError, readConfig, variables } from '../../src/config.ts'
import { createTransports } from '../../src/delivery/transports.ts'
import { createOutbound } from '../../src/net/outbound.ts'
import { newDirectory } from '../support/program.ts'

const place = newDirectory()
const pem = (name: string) => join(place, `${name}.pem`)

before(async () => {
  const [mine, other] = await Promise.all([generate(), generate()])
  writeFileSync(pem('cert'), mine.cert)
  writeFileSync(pem('key'), mine.private)
  writeFileSync(pem('other key'), other.private)
  writeFileSync(pem('no'), 'no PEM')
  writeFileSync(pem('empty'), '')
})

test('an empty environment serves on loopback from ./data', () => {
  const { host, port, data_dir, database, workers, master_keys, tls, dev_clock } = readConfig({})
  assert.deepEqual(
    { host, port, data_dir, database, workers, master_keys, tls, dev_clock },
    {
      host: '127.0.0.1',
      port: 3000,
      data_dir: resolve('data'),
      database: { engine: 'sqlite', path: resolve('data/selvage.db') },
      workers: 1,
      master_keys: undefined,
      tls: undefined,
      dev_clock: false,
    },
  )
})

test('an empty value counts as unset', () => {
  assert.deepEqual(readConfig(Object.fromEntries(variables.map(([name]) => [name, ' ']))), readConfig({}))
})

test('every shown default that is a value is the one that counts', () => {
  for (const [name, fallback] of variables) {
    if (
      /^(PORT|HOST|SELVAGE_(WORKERS|LOG_LEVEL|\w+_DAYS|\w+_SECONDS|ERROR_DOCS_BASE|DATABASE_POOL|DATA_DIR))$/.test(name)
    )
      assert.deepEqual(readConfig({ [name]: fallback }), readConfig({}), name)
  }
})

test('reads the forms of DATABASE_URL', () => {
  const database = (DATABASE_URL: string) => readConfig({ DATABASE_URL }).database
  assert.deepEqual(database('sqlite:x/y.db'), { engine: 'sqlite', path: resolve('x/y.db') })
  assert.deepEqual(database('sqlite:/x/y.db'), { engine: 'sqlite', path: '/x/y.db' })
  assert.deepEqual(database('sqlite:///x/y.db'), { engine: 'sqlite', path: '/x/y.db' })
  for (const url of [
    'postgres://u:p%25@h:1/d',
    'postgresql://h/d?sslmode=require',
    'postgres:///d?host=/run/postgresql',
  ])
    assert.deepEqual(database(url), { engine: 'postgres', url, pool: 10, wait_seconds: 5, pooler: 'none' })
})

test('refuses what cannot be used, in one sentence that names the variable and does not repeat a secret', () => {
  const key = Buffer.alloc(32, 1).toString('base64')
  const out_of_range: [string, ...string[]][] = [
    ['PORT', '-1', '65536', '3000.5', 'http', '0x10', '1e3'],
    ['SELVAGE_DATABASE_POOL', '0', '201', 'many'],
    ['SELVAGE_DATABASE_WAIT_SECONDS', '0', '601', 'long'],
    ['SELVAGE_DATABASE_POOLER', 'session', 'on'],
    ['SELVAGE_WORKERS', '0', '65', '1.5', 'auto'],
    ['SELVAGE_DRAIN_SECONDS', '-1', '601', '10s'],
    ['SELVAGE_SHUTDOWN_SECONDS', '-1', '601', '10s'],
    ['SELVAGE_JWT_REUSE_SECONDS', '-1', '241'],
    ['SELVAGE_SESSION_CACHE', '99', '1000001'],
    ['SELVAGE_SESSION_RETENTION_DAYS', '-1', '3651'],
    ['SELVAGE_EVENT_RETENTION_DAYS', '0', '36501'],
    ['SELVAGE_PASSWORD_HASH_CONCURRENCY', '0', '65', 'all'],
    ['SELVAGE_PASSWORD_HASH_QUEUE', '-1', '100001'],
    ['SELVAGE_BREACH_CHECK', 'on', 'ftp://x', 'file:/nowhere/at/all'],
    ['SELVAGE_LOG_LEVEL', 'loud', 'INFO', 'constructor'],
    [
      'SELVAGE_EMAIL_DOMAINS',
      'example',
      'a@example.com',
      '*.example.com',
      'https://example.com',
      'a.example b.example',
    ],
    ['SELVAGE_DEV_CLOCK', 'yes', '2'],
    ['SELVAGE_PUBLIC_URL', 'auth.example.com', 'ftp://x', 'https://'],
    ['SELVAGE_ERROR_DOCS_BASE', 'docs'],
    ['SELVAGE_OUTBOUND_ALLOW', '10.0.0.0/99', 'a b'],
    [
      'DATABASE_URL',
      'mysql://x',
      'postgres://u:%zz@h/d',
      'postgres://h:99999/d',
      'sqlite:',
      'sqlite://x.db',
      'data.db',
    ],
    ['SELVAGE_MASTER_KEY', 'hunter2', `${key},`, `${key},hunter2`, Buffer.alloc(31).toString('base64')],
  ]
  for (const [name, ...values] of out_of_range) {
    for (const value of values) refuses({ [name]: value }, new RegExp(`^${name}: `))
  }
})

test('reads who knows breached passwords', () => {
  const source = (SELVAGE_BREACH_CHECK: string) => readConfig({ SELVAGE_BREACH_CHECK }).breach_source
  assert.deepEqual(source('off'), { kind: 'off' })
  const url = 'https://api.pwnedpasswords.com/range/'
  assert.deepEqual(
    [source(url), source(url.slice(0, -1))],
    [
      { kind: 'url', url },
      { kind: 'url', url },
    ],
  )
  assert.deepEqual(source(`file:${place}`), { kind: 'file', path: place })
})

test('hashes leave the event loop and the signatures a core, where there are several', () => {
  const at_once = (env: Record<string, string>) => readConfig(env).password_hash_concurrency
  assert.equal(at_once({}), Math.min(64, Math.max(1, availableParallelism() - 1)))
  assert.equal(at_once({ DATABASE_URL: 'postgres://h/d', SELVAGE_WORKERS: '64' }), 1)
  assert.equal(at_once({ SELVAGE_PASSWORD_HASH_CONCURRENCY: '7' }), 7)
})

test('refuses TLS files that are half, missing, unreadable, or not a pair', () => {
  const pair = (cert: string, key: string) => ({ SELVAGE_TLS_CERT: pem(cert), SELVAGE_TLS_KEY: pem(key) })
  refuses({ SELVAGE_TLS_CERT: pem('cert') }, /^SELVAGE_TLS_CERT and SELVAGE_TLS_KEY: set both or neither/)
  refuses({ SELVAGE_TLS_KEY: pem('key') }, /^SELVAGE_TLS_CERT and SELVAGE_TLS_KEY: set both or neither/)
  refuses(pair('nowhere', 'key'), /^SELVAGE_TLS_CERT: the file .*nowhere\.pem cannot be read \(ENOENT\)/)
  refuses({ ...pair('cert', 'key'), SELVAGE_TLS_KEY: place }, /^SELVAGE_TLS_KEY: the file .* cannot be read \(EISDIR\)/)
  refuses(pair('no', 'key'), /^SELVAGE_TLS_CERT: expected a certificate/)
  refuses(pair('empty', 'key'), /^SELVAGE_TLS_CERT: expected a certificate/)
  refuses(pair('cert', 'no'), /^SELVAGE_TLS_KEY: expected an unencrypted private key/)
  refuses(pair('cert', 'empty'), /^SELVAGE_TLS_KEY: expected an unencrypted private key/)
  refuses(pair('cert', 'other key'), /^SELVAGE_TLS_CERT and SELVAGE_TLS_KEY: the private key does not belong/)
  assert.notEqual(readConfig(pair('cert', 'key')).tls, undefined)
})

const smtp = { SELVAGE_SMTP_URL: 'smtp://u:hunter2@mail.example', SELVAGE_EMAIL_FROM: 'Acme <login@acme.example>' }
const twilio = { SELVAGE_TWILIO_ACCOUNT_SID: 'AC1', SELVAGE_TWILIO_AUTH_TOKEN: 'hunter2' }
const webhook = {
  SELVAGE_MESSAGE_WEBHOOK_URL: 'https://send.example/hook/',
  SELVAGE_MESSAGE_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
}

test('reads how messages are sent', () => {
  const none = {
    test_inbox: 'auto',
    message_retention_hours: 72,
    email_domains: { verified: [], others_in_test: true },
    smtp: undefined,
    twilio: undefined,
    webhook: undefined,
  }
  assert.deepEqual(readConfig({}).delivery, none)
  assert.deepEqual(readConfig(smtp).delivery.smtp, {
    ...{ host: 'mail.example', port: 587, tls: 'required' },
    auth: { user: 'u', pass: 'hunter2' },
    from: { name: 'Acme', address: 'login@acme.example' },
  })
  const senders = { SELVAGE_TWILIO_FROM: 'Acme', SELVAGE_TWILIO_WHATSAPP_FROM: '+14155550123' }
  assert.deepEqual(readConfig({ ...twilio, ...senders }).delivery.twilio, {
    base_url: 'https://api.twilio.com',
    account_sid: 'AC1',
    auth_token: 'hunter2',
    from: 'Acme',
    whatsapp_from: '+14155550123',
    whatsapp_content_sid: undefined,
  })
  const { url, key, channels } = readConfig(webhook).delivery.webhook ?? assert.fail()
  assert.deepEqual([url, key, channels], ['https://send.example/hook/', Buffer.alloc(32, 1), undefined])
  const some = readConfig({ ...webhook, SELVAGE_MESSAGE_WEBHOOK_CHANNELS: 'sms, whatsapp' }).delivery.webhook
  assert.deepEqual(some?.channels, ['sms', 'whatsapp'])
})

test('reads which domains templates may be from: the one of the server always', () => {
  const domains = (env: Record<string, string>) => readConfig(env).delivery.email_domains
  assert.deepEqual(domains(smtp), { verified: ['acme.example'], others_in_test: true })
  const listed = { SELVAGE_EMAIL_DOMAINS: ' Mail.Example.com,, acme.example ,' }
  assert.deepEqual(domains(listed), { verified: ['mail.example.com', 'acme.example'], others_in_test: false })
  assert.deepEqual(domains({ ...smtp, ...listed }), domains(listed))
  assert.deepEqual(domains({ SELVAGE_EMAIL_DOMAINS: ' , ' }), { verified: [], others_in_test: true })
})

test('each channel is carried by one: what is set for it, or the webhook where it is named or nothing else is', () => {
  const carriers = (env: Record<string, string>) => {
    const config = readConfig(env)
    const outbound = createOutbound({ allow: [] })
    const { email, sms, whatsapp } = createTransports(config.delivery, { outbound, now: Date.now })
    return {
      channels: Object.entries({ email, sms, whatsapp }).flatMap(([name, one]) => (one ? [name] : [])),
      email,
      sms,
      whatsapp,
    }
  }
  assert.deepEqual(carriers({}).channels, [])
  assert.deepEqual(carriers(smtp).channels, ['email'])
  assert.deepEqual(carriers({ ...twilio, SELVAGE_TWILIO_FROM: 'Acme' }).channels, ['sms'])
  assert.deepEqual(carriers({ ...twilio, SELVAGE_TWILIO_WHATSAPP_FROM: '+14155550123' }).channels, ['whatsapp'])
  assert.deepEqual(carriers(webhook).channels, ['email', 'sms', 'whatsapp'])
  assert.deepEqual(carriers({ ...webhook, SELVAGE_MESSAGE_WEBHOOK_CHANNELS: 'sms' }).channels, ['sms'])
  const free = carriers({ ...smtp, ...webhook })
  assert.notEqual(free.email, free.sms)
  assert.equal(free.sms, free.whatsapp)
  const named = carriers({ ...smtp, ...webhook, SELVAGE_MESSAGE_WEBHOOK_CHANNELS: 'email,sms' })
  assert.equal(named.email, named.sms)
})

test('refuses carriers that are half or wrongly configured', () => {
  const without = (env: Record<string, string>, name: string) => ({ ...env, [name]: '' })
  const wrong: [Record<string, string>, RegExp][] = [
    [without(smtp, 'SELVAGE_SMTP_URL'), /^SELVAGE_SMTP_URL and SELVAGE_EMAIL_FROM: set both/],
    [without(smtp, 'SELVAGE_EMAIL_FROM'), /^SELVAGE_SMTP_URL and SELVAGE_EMAIL_FROM: set both/],
    [{ ...smtp, SELVAGE_SMTP_URL: 'smtp://u:hunter2@mail.example?tls=perhaps' }, /^SELVAGE_SMTP_URL: /],
    [{ ...smtp, SELVAGE_EMAIL_FROM: 'Acme' }, /^SELVAGE_EMAIL_FROM: /],
    [twilio, /^SELVAGE_TWILIO_FROM or SELVAGE_TWILIO_WHATSAPP_FROM: /],
    [{ SELVAGE_TWILIO_FROM: 'Acme' }, /^SELVAGE_TWILIO_ACCOUNT_SID and SELVAGE_TWILIO_AUTH_TOKEN: /],
    [{ ...twilio, SELVAGE_TWILIO_AUTH_TOKEN: '' }, /^SELVAGE_TWILIO_ACCOUNT_SID and SELVAGE_TWILIO_AUTH_TOKEN: /],
    [{ ...twilio, SELVAGE_TWILIO_FROM: '+0' }, /^SELVAGE_TWILIO_FROM: /],
    [{ ...twilio, SELVAGE_TWILIO_WHATSAPP_FROM: 'Acme' }, /^SELVAGE_TWILIO_WHATSAPP_FROM: /],
    [{ SELVAGE_TWILIO_WHATSAPP_CONTENT_SID: 'HX1' }, /^SELVAGE_TWILIO_WHATSAPP_CONTENT_SID: /],
    [{ SELVAGE_TWILIO_BASE_URL: 'https://u:hunter2@x.example' }, /^SELVAGE_TWILIO_BASE_URL: /],
    [without(webhook, 'SELVAGE_MESSAGE_WEBHOOK_URL'), /^SELVAGE_MESSAGE_WEBHOOK_URL and /],
    [without(webhook, 'SELVAGE_MESSAGE_WEBHOOK_SECRET'), /^SELVAGE_MESSAGE_WEBHOOK_URL and /],
    [{ ...webhook, SELVAGE_MESSAGE_WEBHOOK_SECRET: 'hunter2' }, /^SELVAGE_MESSAGE_WEBHOOK_SECRET: /],
    [{ ...webhook, SELVAGE_MESSAGE_WEBHOOK_CHANNELS: 'fax' }, /^SELVAGE_MESSAGE_WEBHOOK_CHANNELS: /],
    [{ SELVAGE_MESSAGE_WEBHOOK_CHANNELS: 'sms' }, /^SELVAGE_MESSAGE_WEBHOOK_CHANNELS: /],
    [{ SELVAGE_MESSAGE_RETENTION_HOURS: '0' }, /^SELVAGE_MESSAGE_RETENTION_HOURS: /],
    [{ SELVAGE_TEST_INBOX: 'never' }, /^SELVAGE_TEST_INBOX: /],
  ]
  for (const [env, says] of wrong) refuses(env, says)
})

test('refuses several processes where they cannot share what they need', () => {
  refuses({ SELVAGE_WORKERS: '2' }, /^SELVAGE_WORKERS: several processes need PostgreSQL/)
  const on_postgres = { SELVAGE_WORKERS: '2', DATABASE_URL: 'postgres://h/d' }
  refuses({ ...on_postgres, SELVAGE_DEV_CLOCK: '1' }, /^SELVAGE_DEV_CLOCK: /)
  assert.equal(readConfig(on_postgres).workers, 2)
})

function refuses(env: Record<string, string>, says: RegExp): void {
  assert.throws(
    () => readConfig(env),
    (error: Error) => {
      assert.ok(error instanceof ConfigError, `${JSON.stringify(env)}: ${error.stack}`)
      assert.match(error.message, says)
      assert.match(error.message, /^[^\n]+\.$/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
    `${JSON.stringify(env)} was accepted`,
  )
}
