/** DELETE /pwa/v3/projects/{project_slug}/email_templates/{template_id}. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, refuse, succeed } from '../../../support/call.ts'
import { custom, defaultsOf, makeDefault, newTemplate, templatesOf } from '../../../support/email_templates.ts'
import { onBothEngines, world } from '../../../support/world.ts'

onBothEngines('emailTemplates.delete', (engine) => {
  test('the template is gone, its id is free, and other projects keep theirs', async () => {
    const here = await world(engine)
    const [project, other] = [await here.project(), await here.project()]
    for (const one of [project, other]) await newTemplate(here, one, 'blue')
    const route = `DELETE ${templatesOf(project)}/blue`
    await succeed(here, here.workspace, route)
    await refuse(here, here.workspace, route, undefined, 404, 'email_template_not_found')
    await succeed(here, here.workspace, `GET ${templatesOf(other)}/blue`)
    await newTemplate(here, project, 'blue', custom('LOGIN'))
  })

  test('a default stays until it is unset or replaced', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (const id of ['blue', 'red']) await newTemplate(here, project, id)
    await newTemplate(here, project, 'own', custom('LOGIN'))
    const remove = (id: string) => `DELETE ${templatesOf(project)}/${id}`
    const refuseIt = (id: string) =>
      refuse(here, here.workspace, remove(id), undefined, 400, 'cannot_delete_default_email_template')
    await makeDefault(here, project, 'LOGIN', 'own')
    await makeDefault(here, project, 'PREBUILT', 'blue')
    for (const id of ['own', 'blue']) await refuseIt(id)
    await succeed(here, here.workspace, `GET ${templatesOf(project)}/blue`)
    await succeed(here, here.workspace, `DELETE ${defaultsOf(project)}/LOGIN`)
    await makeDefault(here, project, 'PREBUILT', 'red')
    for (const id of ['own', 'blue']) await succeed(here, here.workspace, remove(id))
    await refuseIt('red')
  })

  test('deleted and made a default at once, only one of the two happens', async () => {
    const here = await world(engine)
    const project = await here.project()
    for (let n = 0; n < 10; n++) {
      const template_id = `t${n}`
      await newTemplate(here, project, template_id)
      const [removed, chosen] = await Promise.all([
        call(here, here.workspace, `DELETE ${templatesOf(project)}/${template_id}`),
        call(here, here.workspace, `POST ${defaultsOf(project)}/SIGNUP`, { template_id }),
      ])
      assert.deepEqual([removed.status, chosen.status].sort(), removed.status === 200 ? [200, 404] : [200, 400])
      await succeed(here, here.workspace, `DELETE ${defaultsOf(project)}/SIGNUP`)
    }
  })
})
