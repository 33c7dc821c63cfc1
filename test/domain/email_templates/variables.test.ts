/** Filling templates in: each value in its place, and nothing in a value is anything but text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CustomHtml } from '../../../src/domain/email_templates/row.ts'
import { checkVariables, fillIn, type Values } from '../../../src/domain/email_templates/variables.ts'
import { essential, types } from '../../support/email_templates.ts'

const values: Values = {
  action: 'https://auth.example/r?public_token=p&token=t',
  user_email: "o'hara+a&b@example.com",
  project_name: 'Acme <&> "Co"',
  expiration_minutes: '60',
}

function own(change: Partial<CustomHtml> = {}): CustomHtml {
  return { template_type: 'LOGIN', html_content: '{{magic_link_url}}', subject: 'Hello', ...change }
}

test('every variable stands where the template has it, escaped in HTML and plain elsewhere', () => {
  const html_content =
    '<a href="{{magic_link_url}}">{{ user_email }}</a> {{\tproject_name }} {{expiration_minutes}}{{user_email}}'
  const { subject, text, html } = fillIn(
    own({ html_content, plaintext_content: html_content, subject: '{{project_name}} for {{user_email}}' }),
    values,
    'ours',
  )
  assert.equal(subject, 'Acme <&> "Co" for o\'hara+a&b@example.com')
  assert.equal(
    html,
    '<a href="https://auth.example/r?public_token=p&amp;token=t">o&#39;hara+a&amp;b@example.com</a> ' +
      'Acme &lt;&amp;&gt; &quot;Co&quot; 60o&#39;hara+a&amp;b@example.com',
  )
  assert.equal(
    text,
    '<a href="https://auth.example/r?public_token=p&token=t">o\'hara+a&b@example.com</a> Acme <&> "Co" 60o\'hara+a&b@example.com',
  )
})

test('the link or code of the mail has the name that its type gives it', () => {
  for (const type of types) {
    const { html, text } = fillIn(own({ template_type: type, html_content: essential[type] }), values, 'ours')
    assert.equal(html, values.action.replace('&', '&amp;'))
    assert.equal(text, 'ours')
  }
})

test('a variable in a value is text: nothing is filled in twice', () => {
  const user_email = '{{otp_code}}{{project_name}}@example.com'
  const { html, subject } = fillIn(
    own({ template_type: 'ONE_TIME_PASSCODE', html_content: '{{user_email}} {{otp_code}}', subject: '{{user_email}}' }),
    { ...values, action: '$&$1{{user_email}}', user_email },
    '',
  )
  assert.equal(html, `${user_email} $&amp;$1{{user_email}}`)
  assert.equal(subject, user_email)
})

test('what the author wrote stays as it is, braces of style sheets too', () => {
  const html_content = '<style>@media print{a{b:c}}</style>{a}{ {x} }}$&\u200d👩‍🚀{{magic_link_url}}'
  checkVariables('html_content', html_content, 'LOGIN')
  const { html } = fillIn(own({ html_content }), { ...values, action: 'X' }, '')
  assert.equal(html, html_content.replace('{{magic_link_url}}', 'X'))
})

test('a subject is one line, whatever is in a value', () => {
  for (const end of ['\r\n', '\n', '\u2028', '\u0085']) {
    const project_name = `Acme${end}Bcc: eve@example.com`
    const { subject = '' } = fillIn(own({ subject: 'At {{project_name}}' }), { ...values, project_name }, '')
    assert.equal(subject, 'At Acme Bcc: eve@example.com')
  }
})

test('no value leaves its place in the markup', () => {
  const html_content = '<p title="{{user_email}}">{{project_name}}</p><a href=\'{{magic_link_url}}\'>{{user_email}}</a>'
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, text, (action, user_email, project_name) => {
      const { html = '' } = fillIn(own({ html_content }), { ...values, action, user_email, project_name }, '')
      const [, ...parts] =
        /^<p title="([^"<>]*)">([^"'<>]*)<\/p><a href='([^'<>]*)'>([^"'<>]*)<\/a>$/.exec(html) ?? assert.fail(html)
      const plain = (escaped: string) =>
        escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] as string)
      assert.deepEqual(parts.map(plain), [user_email, project_name, action, user_email])
    }),
  )
})

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

test('checking variables takes no longer for texts that are made to', () => {
  const began = performance.now()
  for (const text of ['{{'.repeat(60_000), `{{${' '.repeat(120_000)}`, `{{magic_link_url}}${'{ {'.repeat(40_000)}`]) {
    try {
      checkVariables('html_content', text, 'LOGIN')
    } catch {}
  }
  assert.ok(performance.now() - began < 1000)
})
