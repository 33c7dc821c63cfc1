/** PUT /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse, succeed } from '../../../support/call.ts'
import { custom, look, makeDefault, newTemplate, prebuilt, templatesOf } from '../../../support/email_templates.ts'
import { type Engine, onBothEngines, world } from '../../../support/world.ts'

async function begin(engine: Engine) {
  const here = await world(engine)
  const project = await here.project()
  const at = (id: string) => `${templatesOf(project)}/${id}`
  return {
    here,
    project,
    put: async (id: string, body: object) =>
      (await succeed(here, here.workspace, `PUT ${at(id)}`, body)).email_template,
    refusePut: (id: string, body: object, type: string, status = 400) =>
      refuse(here, here.workspace, `PUT ${at(id)}`, body, status, type),
    get: async (id: string) => (await succeed(here, here.workspace, `GET ${at(id)}`)).email_template,
  }
}

onBothEngines('emailTemplates.update', (engine) => {
  test('replaces what is given as a whole, and leaves what is not', async () => {
    const { here, project, put, get } = await begin(engine)
    await newTemplate(here, project, 'blue')
    const prebuilt_customization = { button_color: '#FF0000', text_alignment: 'LEFT' }
    const expected = { template_id: 'blue', ...prebuilt, name: 'Red', prebuilt_customization }
    assert.deepEqual(await put('blue', { name: 'Red', prebuilt_customization }), expected)
    assert.deepEqual(await put('blue', {}), expected)
    assert.deepEqual(await put('blue', { sender_information: { from_name: 'Acme' } }), {
      ...expected,
      sender_information: { from_name: 'Acme' },
    })
    await put('blue', { name: '', sender_information: {} })
    assert.deepEqual(await get('blue'), { template_id: 'blue', prebuilt_customization })
  })

  test('replaces words, and may make them ones of another type', async () => {
    const { here, project, put, get } = await begin(engine)
    await newTemplate(here, project, 'own', custom('LOGIN'))
    const { custom_html_customization } = custom('ONE_TIME_PASSCODE', { plaintext_content: undefined })
    const updated = await put('own', { custom_html_customization })
    assert.deepEqual(updated, {
      template_id: 'own',
      ...custom('LOGIN'),
      custom_html_customization: JSON.parse(JSON.stringify(custom_html_customization)),
    })
    assert.deepEqual(await get('own'), updated)
  })

  test('refuses what creating refuses, a change of kind, and ids that are none, and changes nothing', async () => {
    const { here, project, refusePut, get } = await begin(engine)
    const before = [await newTemplate(here, project, 'blue'), await newTemplate(here, project, 'own', custom('LOGIN'))]
    const wrong = custom('LOGIN', { html_content: 'x' })
    await refusePut('own', wrong, 'invalid_email_template_parameters')
    await refusePut('own', custom('LOGIN', { subject: '' }), 'invalid_email_subject')
    await refusePut('own', { sender_information: {} }, 'required_custom_email_domain')
    await refusePut('blue', { prebuilt_customization: { button_color: 'x' } }, 'invalid_template_values')
    await refusePut('blue', { name: 'x', sender_information: { from_local_part: '@' } }, 'invalid_from_local_part')
    await refusePut('blue', custom('LOGIN'), 'invalid_email_template_content')
    await refusePut('own', { prebuilt_customization: look }, 'invalid_email_template_content')
    await refusePut('own', { ...custom('LOGIN'), ...prebuilt }, 'invalid_argument')
    await refusePut('nowhere', { name: 'x' }, 'email_template_not_found', 404)
    await refusePut('no%20where', { name: 'x' }, 'email_template_not_found', 404)
    assert.deepEqual([await get('blue'), await get('own')], before)
  })

  test('words that are a default stay ones for its type', async () => {
    const { here, project, put, refusePut } = await begin(engine)
    await newTemplate(here, project, 'own', custom('LOGIN'))
    await makeDefault(here, project, 'LOGIN', 'own')
    await refusePut('own', custom('SIGNUP'), 'invalid_email_template_content')
    assert.equal((await put('own', custom('LOGIN', { subject: 'New' }))).custom_html_customization.subject, 'New')
  })
})
