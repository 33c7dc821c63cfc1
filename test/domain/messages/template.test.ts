/** Templates in use: every request that may name one, and what the mail is then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Letter } from '../../../src/delivery/message.ts'
import type { Outgoing } from '../../../src/delivery/transport.ts'
import { claimDue, deliver } from '../../../src/domain/messages/dispatch.ts'
import { sendMessage } from '../../../src/domain/messages/message.ts'
import { namedTemplate } from '../../../src/domain/messages/template.ts'
import { SECOND } from '../../../src/values/time.ts'
import { refuse, succeed } from '../../support/call.ts'
import {
  custom,
  essential,
  look,
  makeDefault,
  newTemplate,
  prebuilt,
  sendingFrom,
  templatesOf,
  types,
} from '../../support/email_templates.ts'
import { lastMessage, messagesTo } from '../../support/inbox.ts'
import { newAddress, traces } from '../../support/links.ts'
import { sharePasswords } from '../../support/member_passwords.ts'
import { membersOf, newMember } from '../../support/members.ts'
import { environmentOf, newOrganization } from '../../support/organizations.ts'
import { newUser } from '../../support/users.ts'
import {
  type Credentials,
  type Engine,
  onBothEngines,
  type TestProject,
  type World,
  world,
} from '../../support/world.ts'

type Scene = {
  here: World
  project: TestProject
  email: string
  fresh: string
  organization_id: string
  member: string
}

/** Whom a request goes to, what it is, and which field names a template for which type. */
type Use = {
  what: string
  vertical: 'CONSUMER' | 'B2B'
  route: (scene: Scene) => string
  body: (scene: Scene) => object
  field: string
  type: (typeof types)[number]
  /** Whether members share passwords by their addresses. */
  shares_passwords?: boolean
}

const consumer = (route: string, field: string, type: Use['type'], to: 'email' | 'fresh'): Use => ({
  what: `${route} ${field}`,
  vertical: 'CONSUMER',
  route: () => `POST /v1/${route}`,
  // Whoever signs up is somebody new also the next time.
  body: (scene) => ({ email: scene[to], ...(type.includes('SIGNUP') && { create_user_as_pending: true }) }),
  field,
  type,
})
const b2b = (route: string, field: string, type: Use['type'], to: 'email' | 'fresh'): Use => ({
  what: `b2b ${route} ${field}`,
  vertical: 'B2B',
  route: () => `POST /v1/b2b/${route}`,
  body: (scene) => ({ organization_id: scene.organization_id, email_address: scene[to] }),
  field,
  type,
})
/** The first password that members share by an address comes with its proof, and the mail has words of its own. */
const shared = (route: string): Use => ({
  ...b2b(route, 'verify_email_template_id', 'VERIFY_EMAIL_PASSWORD_RESET', 'email'),
  shares_passwords: true,
})
const emailUpdate = (type: Use['type'], delivery_method: string): Use => ({
  what: `start_email_update ${delivery_method}`,
  vertical: 'B2B',
  route: ({ organization_id, member }) => `POST ${membersOf({ organization_id })}/${member}/start_email_update`,
  body: ({ fresh }) => ({ email_address: fresh, delivery_method }),
  field: 'login_template_id',
  type,
})

const uses: Use[] = [
  consumer('magic_links/email/send', 'login_template_id', 'LOGIN', 'email'),
  consumer('magic_links/email/login_or_create', 'login_template_id', 'LOGIN', 'email'),
  consumer('magic_links/email/login_or_create', 'signup_template_id', 'SIGNUP', 'fresh'),
  consumer('magic_links/email/invite', 'invite_template_id', 'INVITE', 'fresh'),
  consumer('otps/email/send', 'login_template_id', 'ONE_TIME_PASSCODE', 'email'),
  consumer('otps/email/login_or_create', 'login_template_id', 'ONE_TIME_PASSCODE', 'email'),
  consumer('otps/email/login_or_create', 'signup_template_id', 'ONE_TIME_PASSCODE_SIGNUP', 'fresh'),
  consumer('passwords/email/reset/start', 'reset_password_template_id', 'RESET_PASSWORD', 'email'),
  b2b('magic_links/email/login_or_signup', 'login_template_id', 'LOGIN', 'email'),
  b2b('magic_links/email/login_or_signup', 'signup_template_id', 'SIGNUP', 'fresh'),
  b2b('magic_links/email/invite', 'invite_template_id', 'INVITE', 'fresh'),
  b2b('otps/email/login_or_signup', 'login_template_id', 'ONE_TIME_PASSCODE', 'email'),
  b2b('otps/email/login_or_signup', 'signup_template_id', 'ONE_TIME_PASSCODE_SIGNUP', 'fresh'),
  b2b('magic_links/email/discovery/send', 'login_template_id', 'LOGIN', 'email'),
  b2b('otps/email/discovery/send', 'login_template_id', 'ONE_TIME_PASSCODE', 'email'),
  b2b('passwords/email/reset/start', 'reset_password_template_id', 'RESET_PASSWORD', 'email'),
  shared('passwords/email/reset/start'),
  shared('passwords/discovery/email/reset/start'),
  emailUpdate('LOGIN', 'EMAIL_MAGIC_LINK'),
  emailUpdate('ONE_TIME_PASSCODE', 'EMAIL_OTP'),
]

async function begin(
  engine: Engine,
  { vertical, shares_passwords = false }: Pick<Use, 'vertical' | 'shares_passwords'>,
  email = newAddress(),
): Promise<Scene> {
  const here = await world(engine)
  const project = await here.project(vertical)
  if (shares_passwords) await sharePasswords(here, project)
  const scene = { here, project, email, fresh: newAddress(), organization_id: '', member: '' }
  if (vertical === 'CONSUMER') {
    await newUser(here, project, { email })
    return scene
  }
  const settings = {
    email_invites: 'ALL_ALLOWED',
    email_jit_provisioning: 'RESTRICTED',
    email_allowed_domains: ['example.com'],
  }
  const { organization_id } = await newOrganization(here, project, settings)
  const { member_id } = await newMember(here, project, { organization_id }, { email_address: email })
  return { ...scene, organization_id, member: member_id }
}

/** The mail that a request leads to, a second after whatever was before. */
async function mailOf(scene: Scene, { route, body }: Use, fields: object = {}) {
  const { here, project } = scene
  here.clock.advance(SECOND)
  if (route(scene).includes('start_email_update')) await proveAddress(scene)
  const asked = body(scene)
  await succeed(here, project, route(scene), { ...asked, ...fields })
  const { email, email_address } = asked as { email?: string; email_address?: string }
  return lastMessage(here, email ?? email_address ?? '', project)
}

async function proveAddress({ here, project, organization_id, member }: Scene): Promise<void> {
  await here.app.store.write
    .updateTable('members')
    .set({ email_address_verified: 1 })
    .where('project_id', '=', project.id)
    .where('organization_id', '=', organization_id)
    .where('member_id', '=', member)
    .execute()
}

const wrongFor = (type: Use['type']) => types.filter((one) => one !== type)

onBothEngines('templates that requests name', (engine) => {
  for (const use of uses) {
    test(`${use.what}: the words of the template, for that mail only`, async () => {
      const scene = await begin(engine, use)
      const { here, project } = scene
      const html_content = `<b>{{user_email}}|${essential[use.type]}|{{expiration_minutes}}</b>`
      const plaintext_content = `{{project_name}}: ${essential[use.type]}`
      const subject = 'Own words for {{user_email}}'
      await newTemplate(here, project, 'own', custom(use.type, { html_content, plaintext_content, subject }))
      const mail = await mailOf(scene, use, { [use.field]: 'own' })
      const action = mail.code ?? mail.links[0]?.url ?? assert.fail('The mail carries nothing.')
      assert.equal(mail.subject, `Own words for ${mail.to}`)
      assert.equal(mail.text, `Test ${use.vertical}: ${action}`)
      const [, to, shown, minutes] = /^<b>(.*)\|(.*)\|(\d+)<\/b>$/.exec(mail.html ?? '') ?? []
      assert.deepEqual([to, shown], [mail.to, action.replaceAll('&', '&amp;')])
      assert.ok(Number(minutes) > 0)
      // The next one names none.
      assert.notEqual((await mailOf(scene, use)).subject, mail.subject)
    })

    test(`${use.what}: unknown templates and words for other mails are refused, and nothing is sent`, async () => {
      const scene = await begin(engine, use)
      const { here, project } = scene
      const other = await here.project(use.vertical)
      await newTemplate(here, other, 'elsewhere')
      for (const type of wrongFor(use.type)) await newTemplate(here, project, type, custom(type))
      if (use.route(scene).includes('start_email_update')) await proveAddress(scene)
      const before = await traces(here, project)
      const refused = (template_id: string, status: number, type: string) =>
        refuse(here, project, use.route(scene), { ...use.body(scene), [use.field]: template_id }, status, type)
      for (const id of ['nowhere', 'elsewhere', 'login', 'a b', '\u{1f680}', 'x'.repeat(200)]) {
        await refused(id, 404, 'email_template_not_found')
      }
      for (const type of wrongFor(use.type)) {
        const { error_message } = await refused(type, 400, 'invalid_template_id')
        assert.ok(error_message.includes(use.type))
      }
      assert.deepEqual(await traces(here, project), before)
      await mailOf(scene, use, { [use.field]: '' })
    })
  }

  test('both templates of a request are checked, whichever mail it leads to', async () => {
    const either = uses.filter(({ what, field }) => /^(login|signup)_/.test(field) && !/start|discovery/.test(what))
    assert.equal(either.length, 10)
    for (const use of either) {
      const scene = await begin(engine, use)
      const other = use.field === 'login_template_id' ? 'signup_template_id' : 'login_template_id'
      const body = { ...use.body(scene), [other]: 'nowhere' }
      await refuse(scene.here, scene.project, use.route(scene), body, 404, 'email_template_not_found')
    }
  })
})

onBothEngines('default templates', (engine) => {
  test('every mail wears the default of its type, or else the look for all, or else ours', async () => {
    for (const use of uses) {
      const scene = await begin(engine, use)
      const { here, project } = scene
      const plain = await mailOf(scene, use)
      assert.doesNotMatch(plain.html ?? '', /#007BFF/)
      await newTemplate(here, project, 'blue')
      await makeDefault(here, project, 'PREBUILT', 'blue')
      const blue = await mailOf(scene, use)
      assert.equal(blue.subject?.replace(/\d{6}/, ''), plain.subject?.replace(/\d{6}/, ''))
      assert.match(blue.html ?? '', /font-family:Arial,/)
      if (use.type.startsWith('ONE_TIME')) assert.match(blue.html ?? '', /class="painted"/)
      else assert.match(blue.html ?? '', /border-radius:5px;background-color:#007BFF;color:#FFFFFF/)
      await newTemplate(here, project, 'own', custom(use.type))
      await makeDefault(here, project, use.type, 'own')
      assert.equal((await mailOf(scene, use)).subject, `Own ${use.type}`)
      // What a request names goes before any default.
      await newTemplate(here, project, 'red', { prebuilt_customization: { ...look, button_color: '#FF0000' } })
      const named = await mailOf(scene, use, { [use.field]: 'red' })
      assert.equal(named.subject?.replace(/\d{6}/, ''), plain.subject?.replace(/\d{6}/, ''))
      assert.match(named.html ?? '', /#FF0000/)
    }
  })

  test('mails that nobody asks for by a request wear them, too: those that unlock', async () => {
    const { here, project, email } = await begin(engine, { vertical: 'CONSUMER' })
    await newTemplate(here, project, 'own', custom('UNLOCK'))
    await makeDefault(here, project, 'UNLOCK', 'own')
    const route = `PATCH ${project.path}`
    await succeed(here, here.workspace, route, { user_lock_self_serve_enabled: true, user_lock_threshold: 1 })
    const { email_id } = await succeed(here, project, 'POST /v1/otps/email/send', { email })
    const { code } = await lastMessage(here, email, project)
    const wrong = { method_id: email_id, code: code === '000000' ? '000001' : '000000' }
    await refuse(here, project, 'POST /v1/otps/authenticate', wrong, 404, 'otp_code_not_found')
    const [mail] = (await messagesTo(here, email, project)).filter(({ template }) => template === 'unlock')
    assert.equal(mail?.subject, 'Own UNLOCK')
    assert.equal(mail?.text, `UNLOCK: ${mail?.links[0]?.url}`)
  })

  test('a change counts from the next mail on, in every environment; mails that were queued stay as they are', async () => {
    const { here, project, email } = await begin(engine, { vertical: 'CONSUMER' })
    await newTemplate(here, project, 'own', custom('LOGIN'))
    await makeDefault(here, project, 'LOGIN', 'own')
    const ask = async () => {
      here.clock.advance(SECOND)
      await succeed(here, project, 'POST /v1/magic_links/email/send', { email })
      return (await messagesTo(here, email, project)).map(({ subject }) => subject)
    }
    assert.deepEqual(await ask(), ['Own LOGIN'])
    const { custom_html_customization } = custom('LOGIN', { subject: 'New' })
    await succeed(here, here.workspace, `PUT ${templatesOf(project)}/own`, { custom_html_customization })
    assert.deepEqual(await ask(), ['New', 'Own LOGIN'])
    await succeed(here, here.workspace, `DELETE ${templatesOf(project).replace('email_', 'default_email_')}/LOGIN`)
    await succeed(here, here.workspace, `DELETE ${templatesOf(project)}/own`)
    const [last, ...before] = await ask()
    assert.match(last ?? '', /^Log in to/)
    assert.deepEqual(before, ['New', 'Own LOGIN'])
  })

  test('text messages have our words', async () => {
    const { here, project } = await begin(engine, { vertical: 'CONSUMER' })
    await newTemplate(here, project, 'own', custom('ONE_TIME_PASSCODE_SIGNUP'))
    await makeDefault(here, project, 'ONE_TIME_PASSCODE_SIGNUP', 'own')
    const phone_number = '+14155550199'
    await succeed(here, project, 'POST /v1/otps/sms/login_or_create', { phone_number })
    assert.match((await lastMessage(here, phone_number, project)).text, /^\d{6} is your code for Test CONSUMER/)
  })

  test('a hostile address is text wherever a template shows it', async () => {
    const email = "'{{otp_code}}&`$&`'@example.com"
    const { here, project } = await begin(engine, { vertical: 'CONSUMER' }, email)
    const html_content = '<p title="{{user_email}}">{{user_email}}</p>{{otp_code}}'
    await newTemplate(here, project, 'own', custom('ONE_TIME_PASSCODE', { html_content, subject: '{{user_email}}' }))
    await succeed(here, project, 'POST /v1/otps/email/send', { email, login_template_id: 'own' })
    const { html, subject, code } = await lastMessage(here, email, project)
    const shown = email.replaceAll('&', '&amp;').replaceAll("'", '&#39;')
    assert.equal(html, `<p title="${shown}">${shown}</p>${code}`)
    assert.equal(subject, email)
  })
})

onBothEngines('senders of templates', (engine) => {
  test('a domain that is not verified is used in test environments only, and only where none is configured', async () => {
    const sent: Outgoing[] = []
    const transports = { email: { send: async (message: Outgoing) => void sent.push(message) } }
    const plain = await world(engine)
    const here = { ...plain, app: { ...plain.app, transports } }
    const project = await here.project()
    const live = { id: project.live.project_id, secret: '' }
    const from = (from_domain: string) => ({
      ...prebuilt,
      sender_information: { ...prebuilt.sender_information, from_domain },
    })
    await newTemplate(here, project, 'other', from('Other.example'))
    await newTemplate(here, project, 'own', from('acme.example'))
    await newTemplate(here, project, 'none')
    const senderIn = async (one: Credentials, template_id: string, others_in_test = true) => {
      const { app } = sendingFrom(here, { verified: ['acme.example'], others_in_test })
      const environment = await environmentOf(here, one)
      const template = await namedTemplate(app, environment, 'LOGIN', template_id)
      const letter: Omit<Letter, 'project_name'> = { ...written, links: [] }
      const to = newAddress()
      await app.transaction((app) => sendMessage(app, environment, to, letter, template))
      for (const row of await claimDue(app, 'email', 1000)) await deliver(app, row)
      return sent.find((message) => message.to === to)?.letter.sender
    }
    const rest = { name: 'No Reply', local_part: 'noreply', reply_to: { name: 'Support Team', local_part: 'support' } }
    assert.deepEqual(await senderIn(project, 'other'), { ...rest, domain: 'other.example' })
    assert.deepEqual(await senderIn(project, 'own'), { ...rest, domain: 'acme.example' })
    assert.deepEqual(await senderIn(live, 'own'), { ...rest, domain: 'acme.example' })
    assert.deepEqual(await senderIn(live, 'none'), rest)
    here.logged.length = 0
    // Of an address that is not known to be ours nothing is left but the name.
    assert.deepEqual(await senderIn(live, 'other'), { name: 'No Reply' })
    const [line = ''] = here.logged.filter((one) => one.includes('SELVAGE_EMAIL_DOMAINS'))
    assert.match(line, /"template_id":"other"/)
    assert.deepEqual(await senderIn(project, 'other', false), { name: 'No Reply' })
  })
})

const written = { channel: 'email', template: 'login', locale: 'en', minutes: 5 } as const
