/** HTML written as tagged templates, in which everything that is put in is escaped unless it is HTML already. */

/** Text that is HTML; only the functions of this file make it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template; `undefined` and `false` leave nothing behind. */
export type Fragment = Html | string | number | undefined | false | readonly Fragment[]

/** Joins a template: html`<p>${text}</p>`. Safe in element content and in quoted attributes, not within scripts or styles. */
export function html(strings: TemplateStringsArray, ...fragments: Fragment[]): Html {
  return new Html(strings.reduce((text, part, index) => text + toHtml(fragments[index - 1]) + part))
}

/** Takes text for HTML as it is. For constants of ours only. */
export function verbatim(text: string): Html {
  return new Html(text)
}

function toHtml(fragment: Fragment): string {
  if (fragment instanceof Html) return fragment.text
  if (fragment === undefined || fragment === false) return ''
  if (typeof fragment === 'object') return fragment.map(toHtml).join('')
  return withEntities(String(fragment))
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function withEntities(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}
