/** Text messages: what a phone shows, in one SMS where the letters allow it. */

/** The basic letters of GSM 03.38, one septet each, and those of its extension, two each. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('^{}\\[~]|€')
/** One SMS of plain letters holds this many; with others, 70 units of UTF-16, which no sentence fits: two hold this many. */
const mostSeptets = 160
const mostUnits = 134

/** Septets that a text takes in GSM 03.38; undefined when it has other letters, and is sent as UTF-16. */
export function septets(text: string): number | undefined {
  let count = 0
  for (const character of text) {
    if (basic.has(character)) count++
    else if (extended.has(character)) count += 2
    else return undefined
  }
  return count
}

/**
 * Writes a short message with the name in it: without accents where only they are missing in GSM 03.38, and shortened so
 * that the whole is one SMS, or two when the name is in letters of another script.
 */
export function fewestSms(name: string, write: (name: string) => string): string {
  const plain = [...name].map((character) => (basic.has(character) ? character : plainer(character))).join('')
  const best = septets(plain) === undefined ? name : plain
  const characters = [...best]
  for (let kept = characters.length; kept > 8; kept--) {
    const text = write(kept === characters.length ? best : `${characters.slice(0, kept).join('').trimEnd()}...`)
    if (fits(text)) return text
  }
  return write(best)
}

function fits(text: string): boolean {
  const count = septets(text)
  return count === undefined ? text.length <= mostUnits : count <= mostSeptets
}

function plainer(character: string): string {
  const look = { '’': "'", '‘': "'", '“': '"', '”': '"', '–': '-', '—': '-', '…': '...' }[character]
  return look ?? character.normalize('NFD').replace(/\p{M}/gu, '')
}
