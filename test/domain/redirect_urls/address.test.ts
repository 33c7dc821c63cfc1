/** Reading and comparing redirect URLs: whoever can make a foreign URL match receives other people's tokens. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { matches, readAddress } from '../../../src/domain/redirect_urls/address.ts'

function match(registered: string, given: string): boolean {
  const [wanted, address] = [readAddress(registered), readAddress(given)]
  assert.ok(wanted, `${registered} cannot be read`)
  return address !== undefined && matches(wanted, address)
}

describe('what is malformed', () => {
  const malformed = {
    'nothing, or no scheme': [
      '',
      'example.com',
      '/cb',
      '//example.com/cb',
      'https',
      'https:',
      '1a://x',
      ':',
      '?a',
      '#a',
    ],
    'user information, which hides the real host': [
      'https://good.example@evil.example/',
      'https://good.example:x@evil.example/',
      'https://@good.example/',
      'app://good@evil/',
      'https://good.example%40evil.example/',
    ],
    'backslashes, which browsers read as slashes': [
      'https:\\\\good.example',
      'https://evil.example\\.good.example/',
      'https://good.example\\@evil.example',
      'https://good.example/cb\\..',
    ],
    'slashes too few or too many, which browsers repair': [
      'https:/good.example',
      'https:good.example',
      'https:///good.example',
    ],
    'control characters and spaces, which browsers drop': [
      ' https://good.example',
      'https://good.example ',
      'https://good.example/\n',
      'https://good.exa\tmple/',
      'java\nscript://x',
      'https://good.example/\0',
      'https://good.example/\u007f',
    ],
    'characters outside RFC 3986': [
      'https://gööd.example',
      'https://good。example',
      'https://good.example/"',
      'https://a.b/<',
      'https://a.b/^',
    ],
    'dot segments, however spelt': [
      'https://good.example/..',
      'https://good.example/a/../cb',
      'https://good.example/./cb',
      'https://good.example/%2e%2E/cb',
      'https://good.example/.%2e/cb',
      'https://good.example/%2e',
      'app://x/../y',
    ],
    'escapes that are none': ['https://good.example/%', 'https://good.example/%4', 'https://good.example/%zz'],
    'hosts that are none, or that browsers rewrite': [
      'https://',
      'https://.',
      'https://good.example.',
      'https://.good.example',
      'https://good..example',
      'https://-good.example',
      'https://good.%65xample',
      'https://0x7f.1',
      'https://127.1',
      'https://2130706433',
      'https://[::1',
      'https://[0:0::1]',
      'https://[::1]x',
      'https://xn--',
      'https://*.1.2.3',
      `https://${'a'.repeat(64)}.example`,
    ],
    'ports that are none': [
      'https://good.example:',
      'https://good.example:x',
      'https://good.example:99999',
      'https://a.b:1:2',
    ],
    'braces outside of query values': [
      'https://{}.example',
      'https://good.example/{}',
      'https://good.example/#{}',
      'app://{}',
    ],
    'a second fragment': ['https://good.example/#a#b'],
    'more than 2048 characters': [`https://good.example/${'a'.repeat(2048)}`],
  }
  for (const [what, texts] of Object.entries(malformed)) {
    test(what, () => {
      for (const text of texts) assert.equal(readAddress(text), undefined, JSON.stringify(text))
    })
  }

  test('no text at all makes reading throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readAddress(text)))
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => void readAddress(text)),
    )
  })

  test('whatever is read of the web, browsers read with the same host, port, path and query', () => {
    const piece = fc.constantFrom(
      ...'https://good.example.evil@:80443/\\?#&=*{}[]%2e\t\n;0x~'.split(''),
      'www.',
      'é',
      '%2F',
      '//',
    )
    const text = fc.array(piece, { maxLength: 24 }).map((pieces) => `https://${pieces.join('')}`)
    fc.assert(
      fc.property(text, (text) => {
        const address = readAddress(text)
        if (!address || address.host.includes('*')) return
        const url = new URL(text)
        assert.equal(url.hostname, address.host.join('.'))
        assert.equal(url.port, address.port)
        assert.equal(url.pathname, address.path)
        assert.equal(url.username + url.password, '')
        const pairs = address.query?.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
        assert.equal(url.search.replace(/^\?/, ''), pairs?.join('&') ?? '')
      }),
      { numRuns: 3000 },
    )
  })
})

describe('what matches', () => {
  const same: [string, string][] = [
    ['https://app.example.com', 'https://app.example.com/'],
    ['https://app.example.com/cb', 'HTTPS://APP.Example.com:443/cb'],
    ['http://localhost:3000/authenticate', 'http://localhost:3000/authenticate'],
    ['http://localhost:80/', 'http://localhost'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000/', 'http://[::1]:3000'],
    ['https://example.com/cb', 'https://www.example.com/cb'],
    ['https://www.example.com/cb', 'https://example.com/cb'],
    ['https://a.b/cb?x=1&y=2', 'https://a.b/cb?y=2&x=1'],
    ['https://a.b/cb?x=1&x=2', 'https://a.b/cb?x=1&x=2'],
    ['https://a.b/cb?next={}', 'https://a.b/cb?next=%2Fhome%3Fa%3D1%26b'],
    ['https://a.b/cb?next={}', 'https://a.b/cb?next=https://a.b/?x=y'],
    ['https://a.b/cb?next={}&y=1', 'https://a.b/cb?y=1&next='],
    ['https://a.b/cb?next={}', 'https://a.b/cb?next={}'],
    ['https://a.b/#/login', 'https://a.b/#/login'],
    ['https://*.example.com/cb', 'https://preview-1.example.com/cb'],
    ['https://*.example.com/cb', 'https://www.example.com/cb'],
    ['https://*.*.example.com', 'https://a.b.example.com'],
    ['slack://auth/callback', 'slack://auth/callback'],
    ['SLACK://auth/callback', 'slack://auth/callback'],
    ['com.example.app:/callback', 'com.example.app:/callback'],
    ['myapp://', 'myapp://'],
    ['exp://192.168.1.5:19000/--/auth?x={}', 'exp://192.168.1.5:19000/--/auth?x=1'],
  ]
  for (const [registered, given] of same) {
    test(`${given} is ${registered}`, () => assert.ok(match(registered, given)))
  }

  const other: [string, string, string][] = [
    ['another scheme', 'https://a.b/cb', 'http://a.b/cb'],
    ['another port', 'https://a.b/cb', 'https://a.b:8443/cb'],
    ['a subdomain', 'https://example.com/', 'https://app.example.com/'],
    ['a longer name', 'https://example.com/', 'https://example.com.evil.example/'],
    ['a name that ends alike', 'https://example.com/', 'https://evilexample.com/'],
    ['www twice', 'https://example.com/', 'https://www.www.example.com/'],
    ['www of a name without a dot', 'https://localhost/', 'https://www.localhost/'],
    ['www that stands for a domain itself', 'https://www.example/', 'https://example/'],
    ['another path', 'https://a.b/cb', 'https://a.b/cb/'],
    ['a path below', 'https://a.b/cb', 'https://a.b/cb/x'],
    ['a path in other case', 'https://a.b/cb', 'https://a.b/CB'],
    ['a path with an encoded letter', 'https://a.b/cb', 'https://a.b/c%62'],
    ['a path with an encoded slash', 'https://a.b/x/cb', 'https://a.b/x%2Fcb'],
    ['a query where none is registered', 'https://a.b/cb', 'https://a.b/cb?x=1'],
    ['an empty query where none is registered', 'https://a.b/cb', 'https://a.b/cb?'],
    ['no query where one is registered', 'https://a.b/cb?x=1', 'https://a.b/cb'],
    ['another value', 'https://a.b/cb?x=1', 'https://a.b/cb?x=2'],
    ['one parameter more', 'https://a.b/cb?x=1', 'https://a.b/cb?x=1&y=2'],
    ['one parameter twice', 'https://a.b/cb?x={}', 'https://a.b/cb?x=1&x=2'],
    ['values of one name in another order', 'https://a.b/cb?x=1&x=2', 'https://a.b/cb?x=2&x=1'],
    ['a parameter smuggled into a placeholder', 'https://a.b/cb?x={}', 'https://a.b/cb?x=1&token=evil'],
    ['one smuggled with a semicolon', 'https://a.b/cb?x={}', 'https://a.b/cb?x=1;token=evil'],
    ['a placeholder without a value', 'https://a.b/cb?x={}', 'https://a.b/cb?x'],
    ['a fragment where none is registered', 'https://a.b/cb', 'https://a.b/cb#x'],
    ['an empty fragment where none is registered', 'https://a.b/cb', 'https://a.b/cb#'],
    ['another fragment', 'https://a.b/#/login', 'https://a.b/#/evil'],
    ['two labels for a wildcard', 'https://*.example.com/', 'https://a.b.example.com/'],
    ['no label for a wildcard', 'https://*.example.com/', 'https://example.com/'],
    ['a wildcard for a wildcard', 'https://*.example.com/', 'https://*.example.com/'],
    ['a wildcard and another domain', 'https://*.example.com/', 'https://a.example.com.evil.example/'],
    ['a wildcard in what is given', 'https://a.example.com/', 'https://*.example.com/'],
    ['www before what a wildcard fits', 'https://*.example.com/', 'https://www.a.example.com/'],
    ['another custom scheme', 'slack://auth', 'slick://auth'],
    ['another authority of a custom scheme', 'slack://auth/cb', 'slack://evil/cb'],
    ['the authority of a custom scheme in other case', 'slack://auth/cb', 'slack://AUTH/cb'],
    ['www with a custom scheme', 'slack://a.b/cb', 'slack://www.a.b/cb'],
  ]
  for (const [what, registered, given] of other) {
    test(`not ${what}`, () => assert.ok(!match(registered, given), `${given} matches ${registered}`))
  }

  test('however a registered URL is tampered with, browsers still end at its host and path, with its parameters', () => {
    const registered = 'https://app.example.com/cb?next={}'
    const good = 'https://app.example.com/cb?next=home'
    const hostile = [
      '@',
      '\\',
      '/',
      '//',
      ':',
      '.',
      '..',
      '#',
      '?',
      '&',
      ';',
      '%2e',
      '%00',
      '\t',
      '\n',
      ' ',
      '*',
      'evil.example',
    ]
    const edit = fc.record({
      at: fc.nat(good.length),
      drop: fc.nat(3),
      put: fc.oneof(
        fc.constantFrom(...hostile, 'www.', 'token=x', '{}', '[', '%40', 'é', '。'),
        fc.string({ maxLength: 3 }),
      ),
    })
    let matched = 0
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = good
        for (const { at, drop, put } of edits) text = text.slice(0, at) + put + text.slice(at + drop)
        if (!match(registered, text)) return
        matched++
        const url = new URL(text)
        assert.match(url.origin, /^https:\/\/(www\.)?app\.example\.com$/)
        assert.equal(url.pathname, '/cb')
        assert.deepEqual([...url.searchParams.keys()], ['next'])
        assert.equal(url.hash, '')
      }),
      { numRuns: 20_000 },
    )
    assert.ok(matched > 100, `only ${matched} edits still matched`)
  })

  test('every URL that can be read matches itself, unless it has a wildcard or a placeholder stands for another', () => {
    const web = fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true, withFragments: true })
    let read = 0
    fc.assert(
      fc.property(web, (text) => {
        if (!readAddress(text)) return
        read++
        if (!text.includes('*')) assert.ok(match(text, text))
      }),
    )
    assert.ok(read > 20)
  })
})
