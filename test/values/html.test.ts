/** The HTML tag: what is put in stays text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { html, verbatim } from '../../src/values/html.ts'

test('escapes text in content and attributes', () => {
  const text = `<script>alert("1")</script> & 'more'`
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;'
  assert.equal(html`<p title="${text}">${text}</p>`.text, `<p title="${escaped}">${escaped}</p>`)
})

test('keeps HTML, joins lists, and leaves out what is not there', () => {
  const rows = ['<a>', 'b'].map((row) => html`<li>${row}</li>`)
  const list = html`<ul>${rows}</ul>${undefined}${false}${0}${verbatim('<hr>')}`
  assert.equal(list.text, '<ul><li>&lt;a&gt;</li><li>b</li></ul>0<hr>')
})

test('takes nothing but its own templates for HTML', () => {
  const forged = JSON.parse('{"text":"<b>"}')
  assert.throws(() => html`${forged}`)
})

test('no text adds a tag or ends an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const [, inside = ''] = /^<p a="([\s\S]*)">$/.exec(html`<p a="${text}">`.text) ?? []
      assert.doesNotMatch(inside, /[<>"']/)
    }),
  )
})
