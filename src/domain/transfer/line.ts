/** A stream of bytes as numbered lines of bounded length. */

/** A line without its end. `text` is undefined where it is too long or not UTF-8, as `problem` then says. */
export type Line = {
  number: number
  text: string | undefined
  problem: string
  /** The bytes of the stream up to the end of the line. */
  bytes: number
}

/** As much as the API takes in a body. */
const longest = 1024 * 1024

const newline = 10

/** The lines of a stream, those included that cannot be read. A byte order mark at the beginning is no part of the first. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let kept: Buffer[] = []
  let size = 0
  let [number, bytes] = [0, 0]

  function take(part: Buffer): void {
    size += part.length
    bytes += part.length
    // What is too long is counted to its end, not kept.
    if (size <= longest) kept.push(part)
    else kept = []
  }

  function line(): Line {
    const isLong = size > longest
    const whole = isLong ? undefined : Buffer.concat(kept, size)
    kept = []
    size = 0
    number++
    if (!whole) return { number, text: undefined, problem: 'the line is longer than 1 MiB', bytes }
    try {
      // The decoder drops the byte order mark and leaves the carriage return, which JSON takes for space.
      return { number, text: utf8.decode(whole), problem: '', bytes }
    } catch {
      return { number, text: undefined, problem: 'the line is not valid UTF-8', bytes }
    }
  }

  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end))
      bytes++
      yield line()
      from = end + 1
    }
    // A copy: the chunk's memory may be used again before the rest of the line arrives.
    if (from < chunk.length) take(Buffer.from(chunk.subarray(from)))
  }
  if (size > 0) yield line()
}
