/** What commands that take long say meanwhile, on standard error: a line every few seconds. */

const between = 3000

/** Amounts by what they are of: `3 organizations and 100,000 members`; empty when there are none. */
export function amounts(of: Record<string, number>): string {
  const parts = Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([noun, count]) => `${counted(count)} ${noun}${count === 1 ? '' : 's'}`)
  return parts.join(' and ')
}

/** A count for people: `100,000`. */
export function counted(count: number): string {
  return count.toLocaleString('en')
}

/** Returns what is called as often as there is something new, and now and then prints how far the work is. */
export function progress(size: number | undefined): (done: { lines: number; bytes: number; problems: number }) => void {
  const began = performance.now()
  let told = began
  return ({ lines, bytes, problems }) => {
    const now = performance.now()
    // At the end, the result says more.
    if (now - told < between || bytes === size) return
    told = now
    const seconds = (now - began) / 1000
    const rate = `${counted(Math.round(lines / seconds))} a second`
    const wrong = problems === 0 ? '' : `, ${counted(problems)} problems`
    const share = size && Math.min(1, bytes / size)
    const rest = share
      ? `, ${Math.floor(share * 100)} %, about ${Math.ceil((seconds / share) * (1 - share))} s left`
      : ''
    process.stderr.write(`${counted(lines)} lines, ${rate}${rest}${wrong}\n`)
  }
}
