/** The email templates of a project, which serve all its environments (reference: management.md §12). */
import type { Look } from '../../delivery/message.ts'
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import type { Project } from '../projects/project.ts'
import { changeTemplates } from './change.ts'
import { type CustomHtmlGiven, readCustomHtml, readLook, readName } from './content.ts'
import type { EmailTemplate, SenderInformation } from './row.ts'
import { readSender } from './sender.ts'
import {
  countTemplates,
  deleteTemplateRow,
  insertTemplate,
  selectDefaults,
  selectTemplate,
  selectTemplates,
  updateTemplateRow,
} from './table.ts'

/** What may be given of a template; an update leaves what is missing as it is, and replaces what is there as a whole. */
export type TemplateGiven = {
  name?: string | undefined
  sender_information?: SenderInformation | undefined
  prebuilt_customization?: Look | undefined
  custom_html_customization?: CustomHtmlGiven | undefined
}

const most = 100
const idGrammar = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** The templates of a project, oldest first. */
export function listTemplates(app: App, { project_slug }: Project): Promise<EmailTemplate[]> {
  return selectTemplates(app.store, project_slug)
}

/** The template of a project with that id; refuses with `email_template_not_found`. */
export async function getTemplate(
  app: App,
  { project_slug }: Pick<Project, 'project_slug'>,
  template_id: string,
): Promise<EmailTemplate> {
  // Text outside the grammar is never looked up: not every engine can compare it.
  const template = idGrammar.test(template_id) ? await selectTemplate(app.store, project_slug, template_id) : undefined
  return template ?? fail('email_template_not_found')
}

/**
 * Creates a template. Refuses with `invalid_template_id` an id out of its grammar, with `duplicate_email_template_vanity_id`
 * one that is taken, with `too_many_email_templates` the 101st, and what it says as `readSender`, `readLook` and
 * `readCustomHtml` do.
 */
export function createTemplate(
  app: App,
  project: Project,
  template_id: string,
  given: TemplateGiven,
): Promise<EmailTemplate> {
  if (!idGrammar.test(template_id)) {
    fail(
      'invalid_template_id',
      'template_id must be 1 to 128 letters, digits, ".", "_" and "-", the first a letter or digit.',
    )
  }
  const blank = { template_id, name: '', sender_information: null, created_at: app.now() }
  const template = apply(app, { ...blank, prebuilt_customization: null, custom_html_customization: null }, given)
  return changeTemplates(app, project, { event: 'email_template.created', template_id }, async (app) => {
    const { project_slug } = project
    if (await selectTemplate(app.store, project_slug, template_id)) fail('duplicate_email_template_vanity_id')
    if ((await countTemplates(app.store, project_slug)) >= most) fail('too_many_email_templates')
    await insertTemplate(app.store, project_slug, template)
    return template
  })
}

/**
 * Changes the parts of a template that are given; mails that are queued already stay as they are. Refuses with
 * `email_template_not_found`, as creating does, and with `invalid_email_template_content` a change of kind: between our words
 * and words of its own, and away from the kind of mail it is a default for.
 */
export function updateTemplate(
  app: App,
  project: Project,
  template_id: string,
  given: TemplateGiven,
): Promise<EmailTemplate> {
  return changeTemplates(app, project, { event: 'email_template.updated', template_id }, async (app) => {
    const known = await getTemplate(app, project, template_id)
    const template = apply(app, known, given)
    const type = template.custom_html_customization?.template_type
    const defaults = await selectDefaults(app.store, project.project_slug, template_id)
    const left = defaults.find(({ template_type }) => type !== undefined && template_type !== type)
    if (left) {
      const sentence = `The template is the default for ${left.template_type}: unset that before it becomes one for ${type}.`
      fail('invalid_email_template_content', sentence)
    }
    await updateTemplateRow(app.store, project.project_slug, template)
    return template
  })
}

/** Deletes a template. Refuses with `email_template_not_found`, and with `cannot_delete_default_email_template` a default. */
export async function deleteTemplate(app: App, project: Project, template_id: string): Promise<void> {
  await changeTemplates(app, project, { event: 'email_template.deleted', template_id }, async (app) => {
    await getTemplate(app, project, template_id)
    const defaults = await selectDefaults(app.store, project.project_slug, template_id)
    if (defaults.length > 0) fail('cannot_delete_default_email_template')
    await deleteTemplateRow(app.store, project.project_slug, template_id)
  })
}

/** The template with what was given in the place of what it was. */
function apply(app: App, known: EmailTemplate, given: TemplateGiven): EmailTemplate {
  const { name, sender_information: sender, prebuilt_customization: look, custom_html_customization: custom } = given
  if (look && custom) {
    fail('invalid_argument', 'Send prebuilt_customization or custom_html_customization, not both.')
  }
  if ((look && known.custom_html_customization) || (custom && known.prebuilt_customization)) {
    fail(
      'invalid_email_template_content',
      'A prebuilt template cannot become one of custom HTML, or the other way round.',
    )
  }
  const template: EmailTemplate = {
    ...known,
    name: name === undefined ? known.name : readName(name),
    sender_information: sender === undefined ? known.sender_information : readSender(app, sender),
    prebuilt_customization: look === undefined ? known.prebuilt_customization : readLook(look),
    custom_html_customization: custom === undefined ? known.custom_html_customization : readCustomHtml(custom),
  }
  if (!template.prebuilt_customization && !template.custom_html_customization) {
    fail('invalid_email_template_content', 'Send prebuilt_customization or custom_html_customization.')
  }
  if (template.custom_html_customization && !template.sender_information?.from_domain) {
    fail('required_custom_email_domain')
  }
  return template
}
