/** The format of imports, as it is documented. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { schemas } from '../../../src/domain/transfer/record.ts'

const page = readFileSync(new URL('../../../docs/import.md', import.meta.url), 'utf8')

test('the documentation names every field of every record', () => {
  const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  const fields = Object.values(schemas).flatMap((schema) => Object.keys(schema.shape))
  assert.ok(fields.length > 60)
  assert.deepEqual(
    fields.filter((field) => field !== 'type' && !named.has(field)),
    [],
  )
})

test('the line in the documentation is that of a record', () => {
  const [, line = ''] = /```json\n(.+)\n```/.exec(page) ?? []
  assert.ok(schemas.user.safeParse(JSON.parse(line)).success)
})
