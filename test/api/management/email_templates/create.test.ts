/** POST /pwa/v3/projects/{project_slug}/email_templates. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import {
  custom,
  essential,
  look,
  newTemplate,
  prebuilt,
  sendingFrom,
  templatesOf,
  types,
} from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.create', (engine) => {
  test('answers with the template as it was sent, for every environment of the project', async () => {
    const here = await world(engine)
    for (const vertical of ['CONSUMER', 'B2B'] as const) {
      const project = await here.project(vertical)
      const created = await newTemplate(here, project, 'blue')
      assert.deepEqual(created, { template_id: 'blue', ...prebuilt })
      const { email_template } = await succeed(here, here.workspace, `GET ${templatesOf(project)}/blue`)
      assert.deepEqual(email_template, created)
      const events = await here.app.store.read
        .selectFrom('events')
        .select(['project_id', 'subject_id'])
        .where('type', '=', 'email_template.created')
        .where('project_id', 'in', [project.id, project.live.project_id])
        .execute()
      assert.deepEqual(events.map(({ project_id }) => project_id).sort(), [project.id, project.live.project_id].sort())
      assert.ok(events.every(({ subject_id }) => subject_id === 'blue'))
    }
  })

  test('keeps words of every type as they are, with and without a plain text', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const type of types) {
      const body = custom(type, {
        html_content: `<!doctype html>\n<p title="ü 🚀">\t${essential[type]} {{ user_email }}`,
      })
      assert.deepEqual(await newTemplate(here, project, type, body), { template_id: type, ...body })
      const { plaintext_content: _, ...rest } = body.custom_html_customization
      const bare = { ...body, custom_html_customization: rest }
      assert.deepEqual(await newTemplate(here, project, `${type}-2`, bare), { template_id: `${type}-2`, ...bare })
    }
  })

  test('takes empty texts for what is unset, and a look of nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    const empty = {
      name: '',
      sender_information: { from_local_part: '', from_domain: '', from_name: '', reply_to_local_part: null },
      prebuilt_customization: { button_border_radius: 0, button_color: '', font_family: '', text_alignment: '' },
      custom_html_customization: null,
    }
    const created = await newTemplate(here, project, 'empty', empty)
    assert.deepEqual(created, { template_id: 'empty', prebuilt_customization: { button_border_radius: 0 } })
    assert.deepEqual(await newTemplate(here, project, 'bare', { prebuilt_customization: {} }), {
      template_id: 'bare',
      prebuilt_customization: {},
    })
  })

  const words = (type: (typeof types)[number], change: object) => custom(type, change)
  const sender = (change: object) => ({
    ...prebuilt,
    sender_information: { ...prebuilt.sender_information, ...change },
  })
  const refusals: [string, object, string][] = [
    ['no id', { template_id: undefined }, 'bad_request'],
    ['an empty id', { template_id: '' }, 'invalid_template_id'],
    ['an id with a space', { template_id: 'a b' }, 'invalid_template_id'],
    ['an id with a slash', { template_id: 'a/b' }, 'invalid_template_id'],
    ['an id that begins with a dot', { template_id: '..' }, 'invalid_template_id'],
    ['a long id', { template_id: 'x'.repeat(129) }, 'invalid_template_id'],
    ['a name of two lines', { ...prebuilt, name: 'a\nb' }, 'invalid_template_values'],
    ['a long name', { ...prebuilt, name: 'x'.repeat(257) }, 'invalid_template_values'],
    ['neither look nor words', { name: 'x' }, 'invalid_email_template_content'],
    ['both', { ...prebuilt, ...custom('LOGIN') }, 'invalid_argument'],
    ['a colour by name', { prebuilt_customization: { button_color: 'red' } }, 'invalid_template_values'],
    [
      'a colour that ends the style',
      { prebuilt_customization: { button_color: '#fff;x:y' } },
      'invalid_template_values',
    ],
    ['a colour of five digits', { prebuilt_customization: { button_text_color: '#12345' } }, 'invalid_template_values'],
    ['a negative radius', { prebuilt_customization: { button_border_radius: -1 } }, 'invalid_template_values'],
    ['a huge radius', { prebuilt_customization: { button_border_radius: 100.5 } }, 'invalid_template_values'],
    ['a radius in words', { prebuilt_customization: { button_border_radius: '5px' } }, 'bad_request'],
    ['an unknown font', { prebuilt_customization: { font_family: 'COMIC_SANS' } }, 'bad_request'],
    ['an unknown alignment', { prebuilt_customization: { text_alignment: 'RIGHT' } }, 'bad_request'],
    ['a local part with @', sender({ from_local_part: 'a@b' }), 'invalid_from_local_part'],
    ['a local part that ends the header', sender({ from_local_part: 'a\r\nBcc: e' }), 'invalid_from_local_part'],
    ['a long local part', sender({ from_local_part: 'x'.repeat(65) }), 'invalid_from_local_part'],
    ['a wrong local part for answers', sender({ reply_to_local_part: 'a b' }), 'invalid_reply_to_local_part'],
    ['a sender that begins a header', sender({ from_name: 'Acme\r\nBcc: eve@example.com' }), 'invalid_template_values'],
    ['a name for answers of two lines', sender({ reply_to_name: 'a\u2028b' }), 'invalid_template_values'],
    ['a long sender', sender({ from_name: 'x'.repeat(101) }), 'invalid_template_values'],
    ['a domain that is none', sender({ from_domain: 'acme' }), 'required_custom_email_domain'],
    ['a domain with more', sender({ from_domain: 'acme.example> <e.example' }), 'required_custom_email_domain'],
    ['words without a sender', { ...custom('LOGIN'), sender_information: undefined }, 'required_custom_email_domain'],
    [
      'words without a domain',
      { ...custom('LOGIN'), sender_information: { from_local_part: 'a' } },
      'required_custom_email_domain',
    ],
    ['words for no type', words('LOGIN', { template_type: undefined }), 'invalid_email_template_content'],
    ['words for all types', words('LOGIN', { template_type: 'PREBUILT' }), 'invalid_email_template_content'],
    ['words for an unknown type', words('LOGIN', { template_type: 'LOGOUT' }), 'bad_request'],
    ['words without HTML', words('LOGIN', { html_content: undefined }), 'invalid_email_html'],
    ['blank HTML', words('LOGIN', { html_content: ' \n' }), 'invalid_email_html'],
    ['long HTML', words('LOGIN', { html_content: `{{magic_link_url}}${'é'.repeat(65_536)}` }), 'invalid_email_html'],
    ['HTML that cannot be encoded', words('LOGIN', { html_content: '{{magic_link_url}}\ud800' }), 'invalid_email_html'],
    ['a blank plain text', words('LOGIN', { plaintext_content: ' ' }), 'invalid_email_plaintext'],
    ['a long plain text', words('LOGIN', { plaintext_content: 'x'.repeat(65_537) }), 'invalid_email_plaintext'],
    ['no subject', words('LOGIN', { subject: undefined }), 'invalid_email_subject'],
    ['a blank subject', words('LOGIN', { subject: ' ' }), 'invalid_email_subject'],
    [
      'a subject that begins a header',
      words('LOGIN', { subject: 'Hi\r\nBcc: eve@e.example' }),
      'invalid_email_subject',
    ],
    ['a long subject', words('LOGIN', { subject: 'x'.repeat(257) }), 'invalid_email_subject'],
    ['HTML without the link', words('LOGIN', { html_content: '<p>Hi</p>' }), 'invalid_email_template_parameters'],
    ['a plain text without it', words('LOGIN', { plaintext_content: 'Hi' }), 'invalid_email_template_parameters'],
    [
      'the variable of another type',
      words('LOGIN', { html_content: '{{magic_link_url}} {{otp_code}}' }),
      'invalid_email_template_parameters',
    ],
    ['only that', words('RESET_PASSWORD', { html_content: '{{otp_code}}' }), 'invalid_email_template_parameters'],
    [
      'an unknown variable',
      words('LOGIN', { html_content: '{{magic_link_url}} {{constructor}}' }),
      'invalid_email_template_parameters',
    ],
    [
      'a variable with a path',
      words('LOGIN', { html_content: '{{magic_link_url}} {{ user.name }}' }),
      'invalid_email_template_parameters',
    ],
    [
      'a variable that does not end',
      words('LOGIN', { plaintext_content: '{{magic_link_url}} {{user_email' }),
      'invalid_email_template_parameters',
    ],
    ['a link in the subject', words('LOGIN', { subject: '{{magic_link_url}}' }), 'invalid_email_template_parameters'],
  ]
  test('refuses what does not fit, and creates nothing', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const [what, body, error_type] of refusals) {
      const whole = { template_id: 'mine', ...('template_id' in body ? prebuilt : {}), ...body }
      const answer = await call(here, here.workspace, `POST ${templatesOf(project)}`, whole)
      assert.deepEqual([answer.status, answer.body.error_type], [400, error_type], what)
    }
    const { email_templates } = await succeed(here, here.workspace, `GET ${templatesOf(project)}`)
    assert.deepEqual(email_templates, [])
  })

  test('says which variable is wrong and which ones there are', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { template_id: 'mine', ...custom('INVITE', { html_content: '<p>{{inviter}}' }) }
    const type = 'invalid_email_template_parameters'
    const { error_message } = await refuse(here, here.workspace, `POST ${templatesOf(project)}`, body, 400, type)
    assert.match(error_message, /html_content.*"inviter".*INVITE.*magic_link_url, user_email/)
  })

  test('says which field has an unknown name, and which there are', async () => {
    const here = await world(engine)
    const project = await here.project()
    const body = { template_id: 'mine', prebuilt_customization: { text_alignment: 'RIGHT' } }
    const { error_message } = await refuse(
      here,
      here.workspace,
      `POST ${templatesOf(project)}`,
      body,
      400,
      'bad_request',
    )
    assert.match(error_message, /prebuilt_customization\.text_alignment.*LEFT, CENTER/)
  })

  test('where domains are configured, only they can be named', async () => {
    const here = sendingFrom(await world(engine), { verified: ['mail.acme.example'], others_in_test: false })
    const project = await here.project()
    const at = (from_domain: string) => ({ ...prebuilt, sender_information: { from_domain } })
    await newTemplate(here, project, 'mine', at('Mail.ACME.example'))
    await newTemplate(here, project, 'words', custom('LOGIN'))
    for (const domain of ['acme.example', 'evil.mail.acme.example', 'mail.acme.example.evil.example']) {
      const route = `POST ${templatesOf(project)}`
      const body = { template_id: 'other', ...at(domain) }
      await refuse(here, here.workspace, route, body, 400, 'required_custom_email_domain')
    }
  })

  test('an id is taken once in a project, and free in others', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    await newTemplate(here, project, 'one')
    await newTemplate(here, other, 'one')
    await newTemplate(here, project, 'One')
    const taken = 'duplicate_email_template_vanity_id'
    await refuse(here, here.workspace, `POST ${templatesOf(project)}`, { template_id: 'one', ...prebuilt }, 400, taken)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call(here, here.workspace, `POST ${templatesOf(project)}`, { template_id: 'two', ...prebuilt }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, body } of answers) if (status !== 200) assert.equal(body.error_type, taken)
  })

  test('a project never has more than a hundred, however many are created at once', async () => {
    const here = await world(engine)
    const project = await here.project()
    const create = (n: number) =>
      call(here, here.workspace, `POST ${templatesOf(project)}`, { template_id: `t${n}`, ...prebuilt })
    for (let n = 0; n < 90; n++) assert.equal((await create(n)).status, 200)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => create(100 + n)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 10)
    for (const { status, body } of answers) {
      if (status !== 200) assert.deepEqual([status, body.error_type], [400, 'too_many_email_templates'])
    }
    // Another has its own hundred, and a deleted one makes room.
    await newTemplate(here, await here.project(), 'first')
    await succeed(here, here.workspace, `DELETE ${templatesOf(project)}/t0`)
    assert.deepEqual(Object.keys((await create(200)).body.email_template.prebuilt_customization), Object.keys(look))
  })
})
