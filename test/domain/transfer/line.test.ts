/** Lines of an import file, however they arrive. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Line, linesOf } from '../../../src/domain/transfer/line.ts'

async function linesIn(chunks: Buffer[]): Promise<Line[]> {
  async function* stream() {
    for (const chunk of chunks) {
      yield Buffer.from(chunk)
      // A stream may use the memory of a chunk again.
      chunk.fill(0)
    }
  }
  const lines: Line[] = []
  for await (const line of linesOf(stream())) lines.push(line)
  return lines
}

test('lines are the same wherever the stream is cut', async () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\ufeff]/.test(text))
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.boolean(), fc.array(fc.nat()), async (texts, ends, cuts) => {
      const bytes = Buffer.from(texts.join('\n') + (ends ? '\n' : ''))
      const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
      const lines = await linesIn(chunks.map((chunk) => Buffer.from(chunk)))
      const expected = ends || texts.at(-1) === '' ? (ends ? texts : texts.slice(0, -1)) : texts
      assert.deepEqual(
        lines.map(({ text }) => text),
        expected,
      )
      assert.deepEqual(
        lines.map(({ number }) => number),
        expected.map((_, index) => index + 1),
      )
      assert.equal(lines.at(-1)?.bytes ?? 0, bytes.length)
    }),
  )
})

test('a byte order mark and carriage returns are no part of the records', async () => {
  const lines = await linesIn([Buffer.from('\ufeff{"a":1}\r\n{"b":2}\r\n')])
  assert.deepEqual(
    lines.map(({ text }) => JSON.parse(text ?? '')),
    [{ a: 1 }, { b: 2 }],
  )
})

test('a line that is too long or no text is told, and the next one is read', async () => {
  const long = Buffer.alloc(1024 * 1024 + 1, 'x')
  const lines = await linesIn([
    long.subarray(0, 600_000),
    long.subarray(600_000),
    Buffer.from('\n\xff\n', 'latin1'),
    Buffer.from('fine'),
  ])
  assert.deepEqual(
    lines.map(({ number, text, problem }) => [number, text, problem]),
    [
      [1, undefined, 'the line is longer than 1 MiB'],
      [2, undefined, 'the line is not valid UTF-8'],
      [3, 'fine', ''],
    ],
  )
})
