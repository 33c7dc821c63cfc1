/** Parts of replies that are written once: the same JSON as if they were written each time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unescaped, writeReply, writtenBut, writtenOnce } from '../../src/wire/written.ts'

test('a reply is the JSON of its fields, without those that are undefined', () => {
  const fields = { a: 1, b: undefined, c: [null, 'é"\\'], d: { e: undefined } }
  assert.equal(writeReply(fields), JSON.stringify(fields))
  assert.equal(writeReply({}), '{}')
})

test('a part is written once for the same objects, and anew for others', () => {
  const [source, policy] = [{}, {}]
  let times = 0
  const write = (under: object) =>
    JSON.parse(writeReply({ part: writtenOnce(source, [under], () => ({ times: ++times })) }))
  assert.deepEqual(write(policy), { part: { times: 1 } })
  assert.deepEqual(write(policy), { part: { times: 1 } })
  assert.deepEqual(write({}), { part: { times: 2 } })
  assert.deepEqual(write(policy), { part: { times: 3 } })
})

test('the field that changes is the one of now, whatever the others hold', () => {
  const source = {}
  const write = (at: string) =>
    JSON.parse(
      writeReply({ part: writtenBut(source, [], 'at', at, () => ({ name: '"at":"', at: 'never', more: [1] })) }),
    )
  for (const at of ['1', '2']) assert.deepEqual(write(at), { part: { name: '"at":"', more: [1], at } })
  const alone = () => writtenBut({}, [], 'at', '3', () => ({ at: 'never' }))
  assert.equal(writeReply({ part: alone() }), '{"part":{"at":"3"}}')
})

test('inside of something else they are what they stand for', () => {
  const inside = { text: unescaped('x.y'), object: writtenOnce({}, [], () => ({ a: [1] })) }
  assert.equal(writeReply({ inside }), '{"inside":{"text":"x.y","object":{"a":[1]}}}')
})
