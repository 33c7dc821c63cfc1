/** The rows of email templates and of which ones are defaults. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { EmailTemplate, TemplateType } from './row.ts'

type Sections = 'sender_information' | 'prebuilt_customization' | 'custom_html_customization'
type Row = Omit<EmailTemplate, Sections> & { project_slug: string } & { [Section in Sections]: string | null }
type DefaultRow = { project_slug: string; template_type: TemplateType; template_id: string }
type Tables = { email_templates: Row; default_email_templates: DefaultRow }
const tables = (handle: Handle) => handle as Kysely<Tables>

function toTemplate({ template_id, name, created_at, ...row }: Omit<Row, 'project_slug'>): EmailTemplate {
  return {
    template_id,
    name,
    sender_information: parse(row.sender_information),
    prebuilt_customization: parse(row.prebuilt_customization),
    custom_html_customization: parse(row.custom_html_customization),
    created_at,
  }
}

function parse<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

function toColumns(template: EmailTemplate): Omit<Row, 'project_slug' | 'template_id' | 'created_at'> {
  const text = (section: object | null) => (section === null ? null : JSON.stringify(section))
  return {
    name: template.name,
    sender_information: text(template.sender_information),
    prebuilt_customization: text(template.prebuilt_customization),
    custom_html_customization: text(template.custom_html_customization),
  }
}

/** The templates of a project, oldest first. */
export async function selectTemplates(store: Store, project_slug: string): Promise<EmailTemplate[]> {
  const rows = await tables(store.read)
    .selectFrom('email_templates')
    .selectAll()
    .where('project_slug', '=', project_slug)
    .orderBy('created_at')
    .orderBy('template_id')
    .execute()
  return rows.map(toTemplate)
}

/** The template of a project with that id. */
export async function selectTemplate(
  store: Store,
  project_slug: string,
  template_id: string,
): Promise<EmailTemplate | undefined> {
  const row = await tables(store.read)
    .selectFrom('email_templates')
    .selectAll()
    .where('project_slug', '=', project_slug)
    .where('template_id', '=', template_id)
    .executeTakeFirst()
  return row && toTemplate(row)
}

/** How many templates a project has. */
export async function countTemplates(store: Store, project_slug: string): Promise<number> {
  const { count } = await tables(store.read)
    .selectFrom('email_templates')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_slug', '=', project_slug)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Adds a template; false when the project has one with that id. */
export async function insertTemplate(store: Store, project_slug: string, template: EmailTemplate): Promise<boolean> {
  const { template_id, created_at } = template
  const { numInsertedOrUpdatedRows } = await tables(store.write)
    .insertInto('email_templates')
    .values({ project_slug, template_id, created_at, ...toColumns(template) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Writes a template that there is. */
export async function updateTemplateRow(store: Store, project_slug: string, template: EmailTemplate): Promise<void> {
  await tables(store.write)
    .updateTable('email_templates')
    .set(toColumns(template))
    .where('project_slug', '=', project_slug)
    .where('template_id', '=', template.template_id)
    .execute()
}

/** Removes a template. */
export async function deleteTemplateRow(store: Store, project_slug: string, template_id: string): Promise<void> {
  await tables(store.write)
    .deleteFrom('email_templates')
    .where('project_slug', '=', project_slug)
    .where('template_id', '=', template_id)
    .execute()
}

/** The defaults of a project: all, or those that are that template. */
export function selectDefaults(
  store: Store,
  project_slug: string,
  template_id?: string,
): Promise<Pick<DefaultRow, 'template_type' | 'template_id'>[]> {
  let select = tables(store.read)
    .selectFrom('default_email_templates')
    .select(['template_type', 'template_id'])
    .where('project_slug', '=', project_slug)
  if (template_id !== undefined) select = select.where('template_id', '=', template_id)
  return select.orderBy('template_type').execute()
}

/** The templates that are the defaults for those types, with the types. */
export async function selectDefaultTemplates(
  store: Store,
  project_slug: string,
  types: TemplateType[],
): Promise<{ template_type: TemplateType; template: EmailTemplate }[]> {
  const rows = await tables(store.read)
    .selectFrom('default_email_templates as chosen')
    .innerJoin('email_templates as template', (join) =>
      join
        .onRef('template.project_slug', '=', 'chosen.project_slug')
        .onRef('template.template_id', '=', 'chosen.template_id'),
    )
    .selectAll('template')
    .select('chosen.template_type')
    .where('chosen.project_slug', '=', project_slug)
    .where('chosen.template_type', 'in', types)
    .execute()
  return rows.map(({ template_type, ...row }) => ({ template_type, template: toTemplate(row) }))
}

/** Makes a template the default for a type. */
export async function upsertDefault(store: Store, row: DefaultRow): Promise<void> {
  await tables(store.write)
    .insertInto('default_email_templates')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['project_slug', 'template_type']).doUpdateSet({ template_id: row.template_id }),
    )
    .execute()
}

/** Leaves a type without a default. */
export async function deleteDefaultRow(store: Store, project_slug: string, type: TemplateType): Promise<void> {
  await tables(store.write)
    .deleteFrom('default_email_templates')
    .where('project_slug', '=', project_slug)
    .where('template_type', '=', type)
    .execute()
}
