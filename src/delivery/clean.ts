/** Texts that somebody else chose, made fit to stand in a line of a message. */

/** What breaks a line, and what nobody sees but moves or hides what stands around it. */
const breaks = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
const invisible = /[\p{Cf}\p{DI}\p{Cn}]+/gu

/** The text with a space for whatever would begin a new line or header. */
export function unbroken(text: string): string {
  return text.replace(breaks, ' ')
}

/**
 * One visible line of at most `most` characters: what could break a header becomes a space, what could reorder a sentence
 * or hide in it is left out, and what is cut off becomes an ellipsis.
 */
export function oneLine(text: string, most: number): string {
  const line = unbroken(text.toWellFormed()).replace(invisible, '').normalize('NFC').replace(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length <= most
    ? line
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}

/** Whether a text is one line of at most `most` characters, as it stands. */
export function isLine(text: string, most: number): boolean {
  return text.isWellFormed() && text.search(breaks) < 0 && [...text].length <= most
}

/**
 * Keeps a name that is written from right to left from turning the sentence around it: it stands between the isolating
 * marks of Unicode (UAX 9), which work in subjects and plain texts too.
 */
export function isolated(name: string): string {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(name)
    ? `\u2068${name}\u2069`
    : name
}

const harmful = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'filesystem:',
  'view-source:',
])

/** Whether a URL may be made clickable: absolute, visible ASCII or letters only, and of no scheme that runs or opens something local. */
export function isLinkable(url: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*:)[^\s\p{C}]+$/iu.exec(url)?.[1]
  return scheme !== undefined && !harmful.has(scheme.toLowerCase())
}
