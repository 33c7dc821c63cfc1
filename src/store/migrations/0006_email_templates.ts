/** The sixth schema: the email templates of projects, and which of them are used where a request names none. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

const statements = [
  `create table email_templates (
    project_slug text not null, template_id text not null, name text not null, sender_information text,
    prebuilt_customization text, custom_html_customization text, created_at bigint not null,
    primary key (project_slug, template_id))`,

  `create table default_email_templates (
    project_slug text not null, template_type text not null, template_id text not null,
    primary key (project_slug, template_type))`,
]

/** Creates the tables. */
export async function emailTemplates(db: Handle): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
