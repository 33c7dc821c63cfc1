/** Parts of replies that are the same again and again: written as JSON once, and put into each reply as they are. */

/** JSON text in place of the value it stands for. */
class Written {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  /** For one that is not a field of the reply itself, but of something in it. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

/** The text of an object, and where in it the value of the field that is not always the same belongs. */
type Kept = { under: readonly unknown[]; before: string; after: string }

const kept = new WeakMap<object, Kept>()

/** A field of a reply whose characters need no escapes in JSON. Nobody can look into it any more. */
export function unescaped(text: string): string {
  return new Written(`"${text}"`) as unknown as string
}

/**
 * A field of a reply that `write` makes of `source` and `under` and of nothing else, neither the time nor the request: it is
 * written once as long as the same are given. A source belongs to one field. What is returned can only be a field of a reply:
 * nobody can look into it.
 */
export function writtenOnce<Wire extends object>(source: object, under: readonly unknown[], write: () => Wire): Wire {
  const known = kept.get(source)
  if (known !== undefined && isSame(known.under, under)) return new Written(known.before) as unknown as Wire
  const before = JSON.stringify(write())
  kept.set(source, { under, before, after: '' })
  return new Written(before) as unknown as Wire
}

/** Like `writtenOnce`, but for the one field `name`, which has this value now and needs no escapes in JSON. */
export function writtenBut<Wire extends object>(
  source: object,
  under: readonly unknown[],
  name: keyof Wire & string,
  value: string,
  write: () => Wire,
): Wire {
  let known = kept.get(source)
  if (known === undefined || !isSame(known.under, under)) {
    const { [name]: _, ...others } = write()
    const text = JSON.stringify(others)
    known = { under, before: inOnePiece(`${text.slice(0, -1)}${text === '{}' ? '' : ','}"${name}":"`), after: '"}' }
    kept.set(source, known)
  }
  return new Written(known.before + value + known.after) as unknown as Wire
}

/** The same text, no more put together of parts that lie scattered in memory: copying it into a reply takes half as long. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString()
}

function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false
  return true
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
