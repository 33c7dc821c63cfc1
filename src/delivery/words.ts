/** The words of messages. */
import type { Letter, Words } from './message.ts'

/** Puts a letter into words. */
export function render({ channel, project_name, code, links, minutes }: Letter): Words {
  const text = [`${project_name}: ${code ?? ''}`, ...links.map(({ url }) => url), `${minutes} min`].join('\n')
  return channel === 'email' ? { subject: project_name, text, html: `<pre>${text}</pre>` } : { text }
}
