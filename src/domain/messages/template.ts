/** Message templates of a project, which a request may name instead of the built-in texts. */
import { fail } from '../../errors.ts'

/** Refuses with `email_template_not_found` every id: a project has no templates of its own yet. */
export function checkTemplates(...template_ids: (string | undefined)[]): void {
  if (template_ids.some(Boolean)) fail('email_template_not_found')
}
