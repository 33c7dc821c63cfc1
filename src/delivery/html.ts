/** HTML that escapes whatever is put into it, unless it is HTML already. */

export type Html = { readonly markup: string }
type Value = Html | string | undefined | (Html | undefined)[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A piece of HTML; texts among the values are escaped for content and for quoted attributes alike. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return { markup: parts.reduce((before, part, index) => `${before}${markupOf(values[index - 1])}${part}`) }
}

function markupOf(value: Value): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => entities[character] as string)
  return Array.isArray(value) ? value.map(markupOf).join('') : value.markup
}
