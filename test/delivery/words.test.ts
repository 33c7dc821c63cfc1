/** What messages say, in every language, and that nothing put into them leaves its place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Letter, Locale, Look } from '../../src/delivery/message.ts'
import { septets } from '../../src/delivery/short.ts'
import { render } from '../../src/delivery/words.ts'
import { codeTemplates, letter, linkFor, linkTemplates, locales, templates } from '../support/letters.ts'

const langs: Record<Locale, string> = { en: 'en', es: 'es', 'pt-br': 'pt-BR', fr: 'fr' }

function email(written: Letter) {
  const { subject, text, html } = render(written)
  assert.ok(subject !== undefined && html !== undefined)
  return { subject, text, html }
}

/** The text of HTML as a reader sees it. */
function visible(html: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] as string)
}

const tagsOf = (html: string) => [...html.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([tag]) => tag.toLowerCase())
const hrefsOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, url = '']) => url)

test('each language has words of its own for every template', () => {
  for (const template of templates) {
    const subjects = locales.map((locale) => email(letter(template, { locale })).subject)
    const texts = locales.map((locale) => email(letter(template, { locale })).text)
    assert.equal(new Set(subjects).size, locales.length, template)
    assert.equal(new Set(texts).size, locales.length, template)
  }
})

test('an address can be verified by a code as well as by a link', () => {
  for (const locale of locales) {
    const byLink = email(letter('verify_email', { locale }))
    const byCode = email(letter('verify_email', { locale, code: '246810', links: [] }))
    assert.match(byCode.subject, /246810/)
    assert.match(byCode.text, /246810/)
    assert.deepEqual(hrefsOf(byCode.html), [])
    const heading = (html: string) => /<h1[^>]*>([^<]*)/.exec(html)?.[1]
    assert.ok(heading(byCode.html))
    assert.equal(heading(byCode.html), heading(byLink.html))
  }
})

test('no two templates say the same', () => {
  for (const locale of locales) {
    const texts = templates.map((template) => visible(email(letter(template, { locale, minutes: 60 })).html))
    assert.equal(new Set(texts).size, templates.length, locale)
  }
})

test('subject, text and HTML name the application; the HTML names its language', () => {
  for (const locale of locales) {
    for (const template of templates) {
      const { subject, text, html } = email(letter(template, { locale }))
      for (const part of [subject, text, visible(html)]) assert.match(part, /Acme/, `${template} ${locale}`)
      assert.match(html, new RegExp(`^<!doctype html>\\n<html lang="${langs[locale]}" dir="ltr">`))
    }
  }
})

test('a link leads where it should from button and fallback, and stands in the text on a line of its own', () => {
  for (const locale of locales) {
    for (const template of linkTemplates) {
      const { text, html } = email(letter(template, { locale }))
      const { url } = linkFor(template)
      assert.deepEqual(hrefsOf(html), [url.replaceAll('&', '&amp;'), url.replaceAll('&', '&amp;')])
      assert.ok(text.split('\n').includes(url), text)
      assert.ok(visible(html).includes(url))
    }
  }
})

test('a code is large in the HTML, first in the subject, and alone on a line of the text', () => {
  for (const locale of locales) {
    for (const template of codeTemplates) {
      const { subject, text, html } = email(letter(template, { locale }))
      assert.match(subject, /^123456 /)
      assert.match(html, /<p class="code"[^>]*>123456<\/p>/)
      assert.match(text, /^ {4}123456$/m)
      assert.deepEqual(hrefsOf(html), [])
    }
  }
})

test('a password reset offers to log in without a password when it has such a link', () => {
  for (const locale of locales) {
    const links = [linkFor('reset_password'), linkFor('login')]
    const { text, html } = email(letter('reset_password', { locale, links }))
    const [reset, login] = links.map(({ url }) => url.replaceAll('&', '&amp;'))
    assert.deepEqual(hrefsOf(html), [reset, login, reset])
    for (const { url } of links) assert.ok(text.split('\n').includes(url))
  }
  const others = [linkFor('verify_email'), linkFor('unlock')]
  assert.equal(hrefsOf(email(letter('verify_email', { links: others })).html).length, 2)
})

test('how long it can be used is said in the unit that comes out even', () => {
  const said = (minutes: number, locale: Locale = 'en') => email(letter('login', { minutes, locale })).text
  assert.match(said(1), /expires in 1 minute and/)
  assert.match(said(10), /expires in 10 minutes and/)
  assert.match(said(60), /expires in 1 hour and/)
  assert.match(said(90), /expires in 90 minutes and/)
  assert.match(said(1440), /expires in 1 day and/)
  assert.match(said(10_080), /expires in 7 days and/)
  assert.match(said(120, 'es'), /caduca en 2 horas y/)
  assert.match(said(10_080, 'pt-br'), /expira em 7 dias e/)
  assert.match(said(1440, 'fr'), /expire dans 1\sjour et/)
})

test('HTML in a name is text', () => {
  const names = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></style><svg/onload=alert(1)>',
    '&lt;b&gt; &amp;',
    '{{7*7}} <!--',
  ]
  for (const project_name of names) {
    for (const template of templates) {
      const plain = email(letter(template))
      const { html, subject, text } = email(letter(template, { project_name }))
      // The tile shows a first letter or digit, which all of these have.
      assert.deepEqual(tagsOf(html), tagsOf(plain.html), project_name)
      assert.ok(visible(html).includes(project_name), html)
      assert.ok(text.includes(project_name))
      if (template === 'login') assert.ok(subject.includes(project_name))
    }
  }
})

test('HTML in a code or a link is text, and leaves no attribute', () => {
  const hostile = '"><script>alert(1)</script>'
  const code = email(letter('otp_login', { code: hostile })).html
  assert.deepEqual(tagsOf(code), tagsOf(email(letter('otp_login')).html))
  const links = [
    linkFor('reset_password', `https://x.example/?a=${hostile}`),
    linkFor('login', `https://y.example/'${hostile}`),
  ]
  const { html } = email(letter('reset_password', { links }))
  const harmless = [linkFor('reset_password'), linkFor('login')]
  assert.deepEqual(tagsOf(html), tagsOf(email(letter('reset_password', { links: harmless })).html))
  assert.ok(!html.includes('<script'))
  assert.equal(hrefsOf(html)[0], 'https://x.example/?a=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
})

test('only URLs that nothing runs from become links; the scheme of an app is one of them', () => {
  for (const url of [
    'https://a.example/',
    'http://127.0.0.1:3000/x?a=b',
    'myapp://login?token=x',
    'com.acme.app:/in',
  ]) {
    assert.equal(hrefsOf(email(letter('login', { links: [linkFor('login', url)] })).html).length, 2, url)
  }
  const harmful = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'https://a.example/ onclick=x',
    '//a.example',
    'a.example',
    '',
  ]
  for (const url of harmful) {
    assert.deepEqual(hrefsOf(email(letter('login', { links: [linkFor('login', url)] })).html), [], JSON.stringify(url))
  }
})

test('nothing breaks out of a line: no header follows a subject, no paragraph a name', () => {
  for (const end of ['\r\n', '\n', '\r', '\u2028', '\u2029', '\u0085', '\v', '\f', '\0']) {
    const project_name = `Acme${end}Bcc: eve@example.com${end}${end}Hello`
    for (const template of templates) {
      const { subject, text } = email(letter(template, { project_name }))
      assert.doesNotMatch(subject, /[\p{Cc}\p{Zl}\p{Zp}]/u)
      assert.doesNotMatch(text, /^(Bcc|Hello)/m)
      assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Zl}|\p{Zp}/u)
    }
    assert.doesNotMatch(email(letter('otp_login', { code: `1${end}2` })).subject, /[\p{Cc}\p{Zl}\p{Zp}]/u)
    const url = `https://a.example/${end}Bcc: x`
    assert.doesNotMatch(email(letter('login', { links: [linkFor('login', url)] })).text, /^Bcc/m)
    assert.doesNotMatch(render(letter('otp_login', { channel: 'sms', project_name })).text, /[\p{Cc}\p{Zl}\p{Zp}]/u)
  }
})

test('nothing turns a sentence around or hides in a name', () => {
  const hidden = '\u202e\u202d\u2066\u2067\u200b\u200c\u200d\u2060\ufeff\u00ad\u061c\u{e0041}\u3164\u115f'
  for (const template of templates) {
    assert.deepEqual(
      render(letter(template, { project_name: `${hidden}Ac${hidden}me${hidden}` })),
      render(letter(template)),
    )
  }
  // Half a character, which could not be encoded.
  assert.ok(email(letter('login', { project_name: 'Ac\ud800me' })).html.isWellFormed())
})

test('a name that is written from right to left keeps to its place', () => {
  const { subject, html } = email(letter('otp_login', { project_name: 'شركة' }))
  assert.equal(subject, '123456 is your code for \u2068شركة\u2069')
  assert.ok(visible(html).includes('Enter this code to log in to \u2068شركة\u2069.'))
})

test('a name may be long, or nothing at all', () => {
  for (const template of templates) {
    const { subject, text } = email(letter(template, { project_name: 'W'.repeat(100_000) }))
    assert.ok([...subject].length < 120, subject)
    assert.ok(text.length < 2000)
    assert.match(email(letter(template, { project_name: ' \u200b\n' })).subject, /\bApp\b/)
  }
})

test('whatever it is given, an email has one line of subject and the tags of its template', () => {
  const given = fc.record({
    template: fc.constantFrom(...templates),
    locale: fc.constantFrom(...locales),
    project_name: fc.string({ unit: 'binary' }),
    code: fc.string({ unit: 'binary' }),
    path: fc.string({ unit: 'binary' }),
    minutes: fc.integer({ min: 1, max: 20_000 }),
  })
  fc.assert(
    fc.property(given, ({ template, locale, project_name, code, path, minutes }) => {
      const links = [linkFor('login', `https://a.example/${path}`)]
      const { subject, html } = email(
        letter(template, { locale, project_name: `A${project_name}`, code, links, minutes }),
      )
      assert.doesNotMatch(subject, /[\p{Cc}\p{Zl}\p{Zp}]/u)
      assert.ok(subject.isWellFormed() && html.isWellFormed())
      const isLinked = hrefsOf(html).length > 0
      const like = isLinked ? [linkFor('login', 'https://a.example')] : [linkFor('login', 'nothing')]
      // Of a template that can have links or a code, this has a code.
      const usual = template === 'verify_email' ? { code: '123456' } : {}
      assert.deepEqual(tagsOf(html), tagsOf(email(letter(template, { links: like, ...usual })).html))
    }),
  )
})

test('a look changes styles and nothing else', () => {
  const looks: Look[] = [
    {},
    { button_color: '#105ee9', button_text_color: '#fff', button_border_radius: 2.5 },
    { font_family: 'BRUSH_SCRIPT_MT', text_alignment: 'CENTER' },
  ]
  const bare = (html: string) => html.replaceAll(/ (?:style|class)="[^"]*"/g, '')
  for (const template of templates) {
    const plain = email(letter(template))
    for (const look of looks) {
      const { subject, text, html } = email(letter(template, { look }))
      assert.deepEqual([subject, text, bare(html)], [plain.subject, plain.text, bare(plain.html)])
    }
    assert.deepEqual(email(letter(template, { look: {} })), plain)
  }
})

test('a look is seen: on the button by day and night, and in the font and the place of every line', () => {
  const button = (look: Look) =>
    /<a class="(\w+)"[^>]*border-radius:([\d.]+px);([^;]*;[^;]*)/.exec(email(letter('login', { look })).html)
  assert.deepEqual(button({})?.slice(1), ['solid', '10px', 'background-color:#15171c;color:#ffffff'])
  const whole = { button_border_radius: 0, button_color: '#ABCDEF', button_text_color: '#123' }
  assert.deepEqual(button(whole)?.slice(1), ['painted', '0px', 'background-color:#ABCDEF;color:#123'])
  const { html } = email(letter('login', { look: { font_family: 'TIMES_NEW_ROMAN', text_alignment: 'CENTER' } }))
  assert.match(html, /font-family:&#39;Times New Roman&#39;,Times,serif/)
  assert.match(html, /class="card" style="[^"]*text-align:center"/)
})

test('of two colours of a button, one that is not given lets the other be read', () => {
  const colors = (look: Look) =>
    /<a [^>]*(background-color:#\w+;color:#\w+)/.exec(email(letter('login', { look })).html)?.[1]
  assert.equal(colors({ button_color: '#ffffff' }), 'background-color:#ffffff;color:#15171c')
  assert.equal(colors({ button_color: '#fd0' }), 'background-color:#fd0;color:#15171c')
  assert.equal(colors({ button_color: '#105ee9' }), 'background-color:#105ee9;color:#ffffff')
  assert.equal(colors({ button_text_color: '#fff' }), 'background-color:#15171c;color:#fff')
  assert.equal(colors({ button_text_color: '#000000' }), 'background-color:#e4e6ea;color:#000000')
})

test('a code fits one plain SMS in every language, also with a long name', () => {
  for (const locale of locales) {
    for (const template of codeTemplates) {
      for (const project_name of ['Acme', 'Café Ñandú & Söhne', 'Ação Educação', 'W'.repeat(300), '“Acme” – l’été']) {
        for (const minutes of [1, 2, 10, 60]) {
          const { subject, text, html } = render(letter(template, { channel: 'sms', locale, project_name, minutes }))
          assert.deepEqual([subject, html], [undefined, undefined])
          assert.match(text, /123456/)
          const size = septets(text)
          assert.ok(size !== undefined && size <= 160, `${size}: ${text}`)
        }
      }
    }
  }
})

test('a name in other letters is left as it is, and the whole fits two SMS', () => {
  const { text } = render(letter('otp_login', { channel: 'sms', project_name: '株式会社アクメ' }))
  assert.match(text, /株式会社アクメ/)
  const long = render(letter('otp_login', { channel: 'sms', project_name: '株'.repeat(60) })).text
  assert.ok(long.length <= 134, long)
})

test('WhatsApp says what an SMS says', () => {
  for (const locale of locales) {
    const [sms, whatsapp] = (['sms', 'whatsapp'] as const).map((channel) =>
      render(letter('otp_login', { channel, locale })),
    )
    assert.deepEqual(sms, whatsapp)
    assert.match(sms?.text ?? '', /^(?=.*123456)(?=.*Acme)(?=.*10 minut).*$/)
  }
})

test('counts letters as phones do', () => {
  assert.equal(septets('a'.repeat(160)), 160)
  assert.equal(septets('€[]'), 6)
  assert.equal(septets('ç'), undefined)
  assert.equal(septets('日'), undefined)
})
