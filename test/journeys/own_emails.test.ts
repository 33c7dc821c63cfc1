/** An operator designs the emails of a project, and people get them as designed, by a real mail server. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createTransports } from '../../src/delivery/transports.ts'
import { claimDue, deliver } from '../../src/domain/messages/dispatch.ts'
import { createServer } from '../../src/http/server.ts'
import { SECOND } from '../../src/values/time.ts'
import { startSmtpServer } from '../fakes/smtp_server.ts'
import { refuse, succeed } from '../support/call.ts'
import { custom, makeDefault, newTemplate } from '../support/email_templates.ts'
import { newAddress } from '../support/links.ts'
import { type Credentials, type Engine, onBothEngines, testConfig, type World, world } from '../support/world.ts'

const closers: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closers) await close()
})

/** A world that sends by the server; `mail` is the newest one to an address, once all that waits has been sent. */
async function sending(engine: Engine, env: Record<string, string> = {}) {
  const plain = await world(engine)
  const mailServer = await startSmtpServer()
  const { delivery } = testConfig({
    SELVAGE_SMTP_URL: mailServer.url,
    SELVAGE_EMAIL_FROM: 'Server <login@server.example>',
    ...env,
  })
  const transports = createTransports(delivery, { outbound: plain.app.outbound, now: plain.clock.now })
  closers.push(async () => {
    transports.email?.close?.()
    await mailServer.stop()
  })
  const app = { ...plain.app, settings: { ...plain.app.settings, delivery }, transports }
  const here: World = { ...plain, app, server: createServer(app) }
  const mail = async (to: string) => {
    for (const row of await claimDue(app, 'email', 1000)) await deliver(app, row)
    return mailServer.received.findLast((one) => one.to.includes(to)) ?? assert.fail('Nothing arrived.')
  }
  return { here, mail }
}

const html_content = `<!doctype html>
<html lang="de"><head><style>@media (max-width:480px){a{display:block}}</style></head>
<body><p>Grüße, <b>{{user_email}}</b> 🚀</p><p><a href="{{magic_link_url}}">Anmelden bei {{project_name}}</a></p>
<img src="https://cdn.acme.example/logo.png" alt="Acme &amp; Co"></body></html>`
const plaintext_content =
  'Grüße, {{user_email}}!\n\nAnmelden (in {{expiration_minutes}} Minuten):\n{{ magic_link_url }}\n'
const words = { html_content, plaintext_content, subject: 'Anmeldung für {{user_email}} – 🚀' }

onBothEngines('emails of a project by SMTP', (engine) => {
  test('a login mail arrives as it was designed, from whom it was to be, and its link logs in', async () => {
    const { here, mail } = await sending(engine, { SELVAGE_EMAIL_DOMAINS: 'mail.acme.example' })
    const project = await here.project()
    const email = newAddress()
    await newTemplate(here, project, 'anmeldung', {
      ...custom('LOGIN', words),
      sender_information: {
        from_local_part: 'hallo',
        from_domain: 'mail.acme.example',
        from_name: 'Acme „Über“, GmbH',
        reply_to_local_part: 'hilfe',
        reply_to_name: 'Hilfe',
      },
    })
    const ask = { email, login_template_id: 'anmeldung' }
    await succeed(here, project, 'POST /v1/users', { email })
    await succeed(here, project, 'POST /v1/magic_links/email/send', ask)
    const got = await mail(email)
    assert.deepEqual([got.from, got.to], ['hallo@mail.acme.example', [email]])
    assert.deepEqual(got.email.from, { name: 'Acme „Über“, GmbH', address: 'hallo@mail.acme.example' })
    assert.deepEqual(got.email.replyTo, [{ name: 'Hilfe', address: 'hilfe@mail.acme.example' }])
    assert.equal(got.email.subject, `Anmeldung für ${email} – 🚀`)
    assert.match(got.email.messageId ?? '', /@mail\.acme\.example>$/)
    assert.ok(!got.email.headers.some(({ key }) => key === 'content-language'))
    const [url = ''] = /https?:\S+/.exec(got.email.text ?? '') ?? []
    assert.equal(got.email.text?.trimEnd(), `Grüße, ${email}!\n\nAnmelden (in 60 Minuten):\n${url}`)
    const filled = html_content
      .replace('{{user_email}}', email)
      .replace('{{magic_link_url}}', url.replaceAll('&', '&amp;'))
      .replace('{{project_name}}', 'Test CONSUMER')
    assert.equal(got.email.html?.trimEnd(), filled)
    const token = new URL(url).searchParams.get('token')
    const { user } = await succeed(here, project, 'POST /v1/magic_links/authenticate', { token })
    assert.equal(user.emails[0].email, email)
  })

  test('a mail of our words has the look and the sender of the default, in its language', async () => {
    const { here, mail } = await sending(engine)
    const project = await here.project()
    const email = newAddress()
    await newTemplate(here, project, 'blau', {
      sender_information: { from_local_part: 'noreply', from_name: 'Acme' },
      prebuilt_customization: { button_color: '#105ee9', font_family: 'GEORGIA', text_alignment: 'CENTER' },
    })
    await makeDefault(here, project, 'PREBUILT', 'blau')
    await succeed(here, project, 'POST /v1/magic_links/email/login_or_create', { email, locale: 'fr' })
    const { from, email: got } = await mail(email)
    assert.equal(from, 'noreply@server.example')
    assert.deepEqual([got.from, got.replyTo], [{ name: 'Acme', address: 'noreply@server.example' }, undefined])
    assert.equal(got.headers.find(({ key }) => key === 'content-language')?.value, 'fr')
    assert.match(got.html ?? '', /<html lang="fr".*text-align:center.*background-color:#105ee9;color:#ffffff/s)
    assert.match(got.html ?? '', /font-family:Georgia,/)
  })

  test('without a template, and with one that is refused, nothing but our own mail leaves', async () => {
    const { here, mail } = await sending(engine)
    const project = await here.project()
    const email = newAddress()
    await newTemplate(here, project, 'own', custom('SIGNUP'))
    const send = (caller: Credentials, fields: object) =>
      refuse(
        here,
        caller,
        'POST /v1/magic_links/email/login_or_create',
        { email, ...fields },
        400,
        'invalid_template_id',
      )
    await send(project, { login_template_id: 'own' })
    here.clock.advance(SECOND)
    await succeed(here, project, 'POST /v1/magic_links/email/login_or_create', { email })
    const { email: got } = await mail(email)
    assert.deepEqual(got.from, { name: 'Server', address: 'login@server.example' })
    assert.equal(got.subject, 'Confirm your email address for Test CONSUMER')
  })
})
