/** What somebody without credentials can make the server do. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { operation } from '../../src/api/operation.ts'
import { createServer } from '../../src/http/server.ts'
import { documentProblem } from '../../src/values/json.ts'
import { world } from '../support/world.ts'

/** A server with an operation that tells whether its body was read and looked up. */
async function scene() {
  const here = await world('sqlite')
  let looked = 0
  const probe = operation({
    route: 'POST /test/stranger',
    name: 'test_stranger',
    sdk: '',
    summary: 'Counts its look-ups.',
    caller: 'project',
    body: { text: z.string() },
    reply: {},
    look_up: async () => {
      looked++
      return undefined
    },
    run: async () => ({}),
  })
  const server = createServer(here.app, { extra: [probe] })
  const post = async (credentials: { id: string; secret: string }, text: string) => {
    const authorization = `Basic ${Buffer.from(`${credentials.id}:${credentials.secret}`).toString('base64')}`
    const payload = JSON.stringify({ text })
    const response = await server.inject({ method: 'POST', url: '/test/stranger', headers: { authorization }, payload })
    return response.statusCode
  }
  return { here, post, looked: () => looked }
}

const large = 'x'.repeat(20_000)

test('a large body of a stranger is not even parsed; one of a confirmed caller is', async () => {
  const { here, post, looked } = await scene()
  const project = await here.project()
  assert.equal(await post({ ...project, secret: 'wrong' }, large), 401)
  assert.equal(looked(), 0)
  assert.equal(await post(project, large), 200)
  assert.equal(looked(), 1)
})

test('a small one is looked up while the caller is confirmed, and what is no project id never', async () => {
  const { here, post, looked } = await scene()
  const project = await here.project()
  assert.equal(await post({ ...project, secret: 'wrong' }, 'small'), 401)
  assert.equal(looked(), 1)
  for (const id of ['😀', 'project', `user-test-${randomUUID()}`, ''])
    assert.equal(await post({ id, secret: 'x' }, ''), 401)
  assert.equal(looked(), 1)
})

test('a document of very many values is refused before it is gone through', () => {
  const limits = { depth: 64, values: 20_000 }
  assert.equal(documentProblem({ list: Array(19_990).fill(1) }, limits), undefined)
  assert.match(String(documentProblem({ list: Array(500_000).fill(1) }, limits)), /more than 20000/)
  const wide = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`key${index}`, 1]))
  assert.match(String(documentProblem(wide, limits)), /more than 20000/)
})
