/** Default templates: what a mail is made from when no request names a template (reference: management.md §12). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Project } from '../projects/project.ts'
import { changeTemplates } from './change.ts'
import { type CustomType, customTypes, type EmailTemplate, suits, type TemplateType } from './row.ts'
import { deleteDefaultRow, selectDefaults, selectDefaultTemplates, upsertDefault } from './table.ts'
import { getTemplate } from './template.ts'

/** The id of the default for a type; refuses with `email_template_not_found` where there is none. */
export async function getDefault(app: App, project: Project, type: string): Promise<string> {
  return (await find(app, project, readType(type))) ?? fail('email_template_not_found')
}

async function find(app: App, { project_slug }: Project, type: TemplateType): Promise<string | undefined> {
  const defaults = await selectDefaults(app.store, project_slug)
  return defaults.find(({ template_type }) => template_type === type)?.template_id
}

/**
 * Makes a template the default for a type. Refuses with `email_template_not_found`, and with `invalid_template_id` words for
 * another kind of mail.
 */
export async function setDefault(app: App, project: Project, type: string, template_id: string): Promise<void> {
  const template_type = readType(type)
  const details = { template_type }
  await changeTemplates(app, project, { event: 'default_email_template.set', template_id, details }, async (app) => {
    const template = await getTemplate(app, project, template_id)
    if (!suits(template, template_type)) fail('invalid_template_id')
    await upsertDefault(app.store, { project_slug: project.project_slug, template_type, template_id })
  })
}

/** Leaves a type without a default; one that has none stays so. Refuses `PREBUILT` with `cannot_delete_default_email_template`. */
export async function unsetDefault(app: App, project: Project, type: string): Promise<void> {
  const template_type = readType(type)
  if (template_type === 'PREBUILT') {
    fail('cannot_delete_default_email_template', 'The default for PREBUILT cannot be unset, only replaced by another.')
  }
  const template_id = await find(app, project, template_type)
  if (template_id === undefined) return
  const details = { template_type }
  await changeTemplates(app, project, { event: 'default_email_template.unset', template_id, details }, (app) =>
    deleteDefaultRow(app.store, project.project_slug, template_type),
  )
}

/** The template of mails of that kind that no request has chosen: the one for the kind, or for all, or none. */
export async function findDefault(
  app: App,
  project_slug: string,
  type: CustomType,
): Promise<EmailTemplate | undefined> {
  const found = await selectDefaultTemplates(app.store, project_slug, [type, 'PREBUILT'])
  return (found.find(({ template_type }) => template_type === type) ?? found[0])?.template
}

function readType(type: string): TemplateType {
  const types: readonly TemplateType[] = [...customTypes, 'PREBUILT']
  return (
    types.find((one) => one === type) ?? fail('bad_request', `email_template_type must be one of ${types.join(', ')}.`)
  )
}
