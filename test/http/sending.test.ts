/** Sending: the replies of one turn go out together at its end, each as many bytes as it says. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Reply, sender } from '../../src/http/sending.ts'

/** Responses that note what is written to them, in the order in which it is. */
function responses() {
  const written: { name: string; status: number; headers: string[]; bytes: Buffer }[] = []
  const response = (name: string) => {
    let head: { status: number; headers: string[] }
    return {
      writeHead(status: number, headers: string[]) {
        head = { status, headers }
      },
      end: (text: string, encoding: BufferEncoding) =>
        void written.push({ name, ...head, bytes: Buffer.from(text, encoding) }),
    } as unknown as ServerResponse
  }
  return { written, response }
}

const reply = (text: string): Reply => ({ status: 200, headers: ['content-type', 'application/json'], text })

test('replies wait for the end of the turn and keep their order; the next turn has its own', async () => {
  const { written, response } = responses()
  const send = sender()
  send(response('a'), reply('1'))
  send(response('b'), reply('2'))
  assert.equal(written.length, 0)
  await turn()
  assert.deepEqual(
    written.map(({ name, bytes }) => [name, bytes.toString()]),
    [
      ['a', '1'],
      ['b', '2'],
    ],
  )
  send(response('c'), reply('3'))
  await turn()
  assert.equal(written.at(-1)?.name, 'c')
})

test('the length is that of the bytes, for ASCII, Latin letters, other scripts and halves of characters alike', async () => {
  const { written, response } = responses()
  const send = sender()
  const texts = ['{"a":1}', '"é"', '"日本 😀"', '"\ud800"', '']
  for (const text of texts) send(response(text), reply(text))
  await turn()
  for (const [index, { headers, bytes }] of written.entries()) {
    assert.deepEqual(headers.slice(0, 2), ['content-length', String(bytes.length)])
    assert.deepEqual(bytes, Buffer.from(texts[index] as string, 'utf8'))
  }
})
