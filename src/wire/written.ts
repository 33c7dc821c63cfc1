/** Parts of replies that are the same again and again: written as JSON once, and put into each reply as they are. */

/** JSON text in place of the value it stands for. */
class Written {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const kept = new WeakMap<object, { under: unknown; written: Written }>()

/**
 * A field of a reply that `write` makes of `source` and `under` and of nothing else, neither the time nor the request: it is
 * written once as long as the same objects are given. What it returns can only be a field of a reply; nobody can look into it.
 */
export function writtenOnce<Wire>(source: object, under: unknown, write: () => Wire): Wire {
  const known = kept.get(source)
  if (known !== undefined && known.under === under) return known.written as Wire
  const written = new Written(JSON.stringify(write()))
  kept.set(source, { under, written })
  return written as Wire
}

/** The JSON text of a reply. */
export function writeReply(fields: Record<string, unknown>): string {
  let text = '{'
  for (const name in fields) {
    const value = fields[name]
    const json = value instanceof Written ? value.text : JSON.stringify(value)
    // Like a field that is undefined in an object.
    if (json === undefined) continue
    if (text.length > 1) text += ','
    text += `"${name}":${json}`
  }
  return `${text}}`
}
