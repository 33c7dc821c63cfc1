/** How a body is read: as JSON, by our own rules, whatever the headers say. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { world } from '../support/world.ts'
import { bench, type Reply, refused, send } from './bench.ts'

async function post(payload: string | Buffer | undefined, headers: Record<string, string> = {}): Promise<Reply> {
  const { app } = await world('sqlite')
  return send(bench(app), { method: 'POST', url: '/test/echo', headers, ...(payload === undefined ? {} : { payload }) })
}

describe('the content type decides nothing', () => {
  const odd = [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json; charset=iso-8859-1',
    'application/json, text/plain',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
    'application/json\t; x',
    'a/b/c',
    'nonsense',
    ';;;',
    '',
  ]
  for (const type of odd) {
    test(`with "${type}"`, async () => {
      const reply = await post('{"text":"é"}', { 'content-type': type })
      assert.deepEqual(reply.body.given, { text: 'é' })
      refused(await post('{"text":1}', { 'content-type': type }), 400, 'bad_request', /^text: /)
    })
  }

  test('without any', async () => {
    assert.deepEqual((await post(Buffer.from('{"text":"a"}'))).body.given, { text: 'a' })
    refused(await post(Buffer.from('text=a')), 400, 'bad_request')
  })
})

describe('an empty body is an empty object', () => {
  const json = { 'content-type': 'application/json' }
  test('on POST, with the header and without', async () => {
    assert.deepEqual((await post(undefined, json)).body.given, {})
    assert.deepEqual((await post('', json)).body.given, {})
    assert.deepEqual((await post(undefined)).body.given, {})
    assert.deepEqual((await post(undefined, { ...json, 'content-length': '0' })).body.given, {})
  })

  test('on GET and DELETE, where a body is ignored, whatever it is', async () => {
    const server = bench((await world('sqlite')).app)
    const url = '/test/echo/a'
    assert.equal((await send(server, { method: 'GET', url, headers: json })).status, 200)
    for (const payload of [undefined, '', '{}', '{"page":"2"}', 'not json']) {
      const reply = await send(server, { method: 'DELETE', url, headers: json, ...(payload ? { payload } : {}) })
      assert.deepEqual(reply.body.given, { params: { id: 'a' }, query: {}, body: {} })
    }
  })

  test('a required field is then missing, and named', async () => {
    const here = await world('sqlite')
    const { id, secret } = await here.project()
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const reply = await send(bench(here.app), { method: 'POST', url: '/test/strict', headers: { authorization } })
    refused(reply, 400, 'bad_request', /^needed: this field is required/)
  })
})

describe('fields', () => {
  test('null counts as absent', async () => {
    const reply = await post('{"text":null,"count":null,"name":{"first_name":null},"anything":null,"special":null}')
    assert.deepEqual(reply.body.given, { name: {} })
  })

  test('unknown ones are dropped, nested ones too', async () => {
    const reply = await post('{"text":"a","more":1,"name":{"first_name":"b","middle":2}}')
    assert.deepEqual(reply.body.given, { text: 'a', name: { first_name: 'b' } })
  })

  const wrong: [string, RegExp][] = [
    ['{"text":1}', /^text: expected string, not number\.$/],
    ['{"text":{}}', /^text: expected string/],
    ['{"count":"1"}', /^count: expected number, not string\.$/],
    ['{"count":1.5}', /^count: /],
    ['{"count":1e300}', /^count: /],
    ['{"flag":"true"}', /^flag: expected boolean/],
    ['{"list":"a"}', /^list: expected array/],
    ['{"list":["a",1]}', /^list\.1: expected string/],
    ['{"kind":"three"}', /^kind: expected one of "one"\|"two"\.$/],
    ['{"name":"Ada"}', /^name: expected object/],
    ['{"name":{"first_name":["Ada"]}}', /^name\.first_name: expected string, not array\.$/],
    ['{"name":{"parts":[{"value":"a"},{}]}}', /^name\.parts\.1\.value: this field is required/],
    ['{"anything":[]}', /^anything: expected /],
  ]
  for (const [body, sentence] of wrong) {
    test(`${body} is refused by name`, async () => refused(await post(body), 400, 'bad_request', sentence))
  }

  test('a field may have a refusal of its own', async () => {
    refused(await post('{"special":1}'), 400, 'invalid_email')
  })

  test('a refusal never repeats the value', async () => {
    const { body } = await post('{"count":"s3cret","kind":"s3cret","text":{"s3cret":1}}')
    assert.ok(!JSON.stringify(body).includes('s3cret'))
  })
})

describe('what is no JSON object is refused', () => {
  const nested = (levels: number) => `{"anything":${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`
  const bad: [string, string | Buffer][] = [
    ['broken JSON', '{"text":'],
    ['two documents', '{}{}'],
    ['single quotes', "{'text':'a'}"],
    ['a trailing comma', '{"text":"a",}'],
    ['NaN', '{"count":NaN}'],
    ['whitespace alone', '  '],
    ['an array', '[]'],
    ['a string', '"text"'],
    ['a number', '1'],
    ['null', 'null'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"text":"a"}', 'utf16le')],
    ['a form', 'text=a&count=1'],
    ['sixty-five levels', nested(65)],
    ['half a million brackets', '['.repeat(500_000)],
    ['a character U+0000', '{"text":"a\\u0000b"}'],
    ['a key with U+0000', '{"anything":{"\\u0000":1}}'],
  ]
  for (const [name, payload] of bad) {
    test(name, async () => refused(await post(payload), 400, 'bad_request'))
  }

  test('sixty-four levels are fine', async () => assert.equal((await post(nested(64))).status, 200))

  test('a byte order mark is skipped', async () => {
    assert.deepEqual((await post(Buffer.from('\ufeff{"text":"a"}'))).body.given, { text: 'a' })
  })

  test('a body that says it is U+0000 escaped twice is text like any other', async () => {
    assert.deepEqual((await post('{"text":"\\\\u0000"}')).body.given, { text: '\\u0000' })
  })
})

describe('prototypes', () => {
  const polluting = [
    '{"__proto__":{"polluted":true}}',
    '{"anything":{"__proto__":{"polluted":true}}}',
    '{"anything":{"a":[{"b":{"__proto__":null}}]}}',
    '{"unknown":{"__proto__":{"polluted":true}}}',
    '{"name":{"\\u005f_proto__":{"polluted":true}}}',
  ]
  for (const body of polluting) {
    test(`${body} is refused and changes nothing`, async () => {
      refused(await post(body), 400, 'bad_request', /__proto__/)
      assert.equal(({} as Record<string, unknown>).polluted, undefined)
    })
  }

  test('"constructor" and "prototype" are keys like others', async () => {
    const body = '{"anything":{"constructor":{"prototype":{"polluted":true}},"prototype":1}}'
    assert.deepEqual((await post(body)).body.given, JSON.parse(body))
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
  })
})

describe('size', () => {
  const sized = (bytes: number) => `{"text":"${'a'.repeat(bytes - 11)}"}`
  test('one mebibyte is read', async () => assert.equal((await post(sized(1024 * 1024))).status, 200))
  test('one byte more is refused', async () => refused(await post(sized(1024 * 1024 + 1)), 413, 'request_too_large'))
  test('also where no body is read', async () => {
    const server = bench((await world('sqlite')).app)
    const payload = 'a'.repeat(1024 * 1024 + 1)
    refused(await send(server, { method: 'DELETE', url: '/test/echo/a', payload }), 413, 'request_too_large')
    refused(await send(server, { method: 'POST', url: '/nowhere', payload }), 413, 'request_too_large')
  })
})
