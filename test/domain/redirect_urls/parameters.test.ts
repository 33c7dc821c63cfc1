/** What is appended to redirect URLs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAddress } from '../../../src/domain/redirect_urls/address.ts'
import { addParameters } from '../../../src/domain/redirect_urls/parameters.ts'

const ours = { stytch_token_type: 'magic_links', token: 'rM_kw42-0=' }
const added = 'stytch_token_type=magic_links&token=rM_kw42-0%3D'

const cases: [string, string][] = [
  ['http://localhost:3000/authenticate', `http://localhost:3000/authenticate?${added}`],
  ['https://a.b', `https://a.b?${added}`],
  ['https://a.b/?', `https://a.b/?${added}`],
  ['https://a.b/cb?next=%2Fhome&x', `https://a.b/cb?next=%2Fhome&x&${added}`],
  ['https://a.b/cb?a=1&&b=2&', `https://a.b/cb?a=1&b=2&${added}`],
  ['https://a.b/cb#/login?x=1', `https://a.b/cb?${added}#/login?x=1`],
  ['https://a.b/cb?x=1#top', `https://a.b/cb?x=1&${added}#top`],
  ['slack://auth/callback', `slack://auth/callback?${added}`],
  ['com.example.app:/cb?x=1#y', `com.example.app:/cb?x=1&${added}#y`],
  ['myapp://', `myapp://?${added}`],
]
for (const [url, expected] of cases) {
  test(`${url} keeps its parameters and its fragment`, () => assert.equal(addParameters(url, ours), expected))
}

test('a parameter of the same name, however it is encoded, never stands in front of ours', () => {
  for (const pair of ['token=evil', 'token', 'toke%6e=evil', 'stytch_token_type=oauth&x=1&token=evil&token=worse']) {
    const url = new URL(addParameters(`https://a.b/cb?${pair}&keep=1`, ours))
    assert.deepEqual(url.searchParams.getAll('token'), [ours.token])
    assert.deepEqual(url.searchParams.getAll('stytch_token_type'), [ours.stytch_token_type])
    assert.equal(url.searchParams.get('keep'), '1')
  }
})

test('a reader of the result finds every parameter it had, then ours, at the same place and fragment', () => {
  const web = fc.webUrl({ withQueryParameters: true, withFragments: true })
  fc.assert(
    fc.property(web, fc.string(), (text, token) => {
      const [before, after] = [new URL(text), new URL(addParameters(text, { token }))]
      assert.equal(after.origin + after.pathname + after.hash, before.origin + before.pathname + before.hash)
      const kept = [...before.searchParams].filter(([name, value]) => name !== 'token' && name + value !== '')
      assert.deepEqual([...after.searchParams].filter(([name, value]) => name + value !== '').slice(0, -1), kept)
      assert.equal(after.searchParams.get('token'), token)
      if (readAddress(text)) assert.ok(readAddress(addParameters(text, { token: 'abc' })))
    }),
  )
})
