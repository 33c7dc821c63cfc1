/** Breached passwords: asked without telling, and never in the way of a login. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { breachCheck } from '../../../src/domain/passwords/breach.ts'
import { parseAllowList } from '../../../src/net/allow.ts'
import { createOutbound } from '../../../src/net/outbound.ts'
import type { BreachSource } from '../../../src/values/breach_source.ts'
import { breachedLines } from '../../support/passwords.ts'
import { newDirectory } from '../../support/program.ts'

type Logged = { level: string; fields: object; sentence: string }

function checkOf(source: BreachSource) {
  const logged: Logged[] = []
  const level = (level: string) => (fields: object, sentence: string) => logged.push({ level, fields, sentence })
  const log = { error: level('error'), warn: level('warn'), info: level('info'), debug: level('debug') }
  const outbound = createOutbound({ allow: parseAllowList('127.0.0.1') })
  return { isBreached: breachCheck(source, { outbound, log }), logged }
}

async function service(answer: RequestListener): Promise<BreachSource> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { kind: 'url', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/` }
}

const restOf = (password: string) => hash('sha1', password, 'hex').toUpperCase().slice(5)

test('the service learns five digits of the hash, and is asked for padding', async () => {
  const asked: (string | string[] | undefined)[][] = []
  const source = await service(({ url, headers }, response) => {
    asked.push([url, headers['add-padding']])
    response.end([`${'0'.repeat(35)}:3`, `${restOf('leaked')}:12`, `${restOf('padding')}:0`].join('\r\n'))
  })
  const { isBreached, logged } = checkOf(source)
  assert.deepEqual(
    [await isBreached('leaked'), await isBreached('padding'), await isBreached('safe')],
    [true, false, false],
  )
  assert.deepEqual(
    asked,
    ['leaked', 'padding', 'safe'].map((text) => [
      `/range/${hash('sha1', text, 'hex').toUpperCase().slice(0, 5)}`,
      'true',
    ]),
  )
  assert.deepEqual(logged, [])
})

test('a service that is slow, broken or gone counts as one that knows nothing, and is complained about', async () => {
  const slow = await service(() => {})
  const broken = await service((_, response) => response.writeHead(500).end())
  const gone: BreachSource = { kind: 'url', url: 'http://127.0.0.1:9/range/' }
  const missing: BreachSource = { kind: 'file', path: '/nowhere/at/all' }
  for (const source of [slow, broken, gone, missing]) {
    const { isBreached, logged } = checkOf(source)
    const began = performance.now()
    assert.equal(await isBreached('leaked'), false)
    assert.ok(performance.now() - began < 5000)
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['warn'],
    )
    assert.doesNotMatch(JSON.stringify(logged), new RegExp(`leaked|${restOf('leaked')}`, 'i'))
  }
})

test('without a source nothing is breached, and that is said once', async () => {
  const { isBreached, logged } = checkOf({ kind: 'off' })
  assert.deepEqual([await isBreached('leaked'), await isBreached('leaked')], [false, false])
  assert.equal(logged.length, 1)
})

test('a sorted file is searched wherever in it the hash stands', async () => {
  for (const count of [0, 1, 2, 3, 100, 1000]) {
    const passwords = Array.from({ length: count }, (_, n) => `leaked ${n}`)
    const lines = breachedLines(passwords)
    for (const text of [lines, lines.replaceAll('\r', ''), lines.trimEnd(), lines.replaceAll(':7', '')]) {
      const path = join(newDirectory(), 'breached.txt')
      writeFileSync(path, text)
      const { isBreached, logged } = checkOf({ kind: 'file', path })
      for (const password of passwords.slice(0, 100)) assert.equal(await isBreached(password), true, password)
      for (let n = 0; n < 20; n++) assert.equal(await isBreached(`safe ${n}`), false)
      assert.deepEqual(logged, [])
    }
  }
})

test('a directory has a file for each five digits', async () => {
  const path = join(newDirectory(), 'ranges')
  mkdirSync(path)
  for (const [password, ending] of [
    ['leaked', '.txt'],
    ['spilled', ''],
  ] as const) {
    const digest = hash('sha1', password, 'hex').toUpperCase()
    writeFileSync(join(path, `${digest.slice(0, 5)}${ending}`), `${'0'.repeat(35)}:1\r\n${digest.slice(5)}:7\r\n`)
  }
  const { isBreached, logged } = checkOf({ kind: 'file', path })
  assert.deepEqual([await isBreached('leaked'), await isBreached('spilled')], [true, true])
  assert.deepEqual(logged, [])
  assert.equal(await isBreached('safe'), false)
})
