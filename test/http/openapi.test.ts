/** `/openapi.json`: true to what is served, and in good form. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { operations } from '../../src/api/index.ts'
import { components } from '../../src/wire/shape.ts'
import { world } from '../support/world.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document of any shape
type Node = any
let document: Node
let schemas: Record<string, Node>

before(async () => {
  const { server } = await world('sqlite')
  const reply = await server.inject('/openapi.json')
  assert.match(String(reply.headers['content-type']), /^application\/json/)
  document = reply.json()
  schemas = document.components.schemas
})

/** Every object in a document with the key it stands at and the key of its parent. */
function* walk(node: Node, key = '', parent = ''): Generator<{ node: Node; key: string; parent: string }> {
  if (typeof node !== 'object' || node === null) return
  yield { node, key, parent }
  for (const [name, child] of Object.entries(node)) yield* walk(child, name, key)
}

test('is OpenAPI 3.1 with the parts that tools ask for', () => {
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(Object.keys(document).sort(), ['components', 'info', 'openapi', 'paths'])
  assert.ok(document.info.title && document.info.version)
  for (const scheme of Object.values<Node>(document.components.securitySchemes)) {
    assert.deepEqual([scheme.type, scheme.scheme], ['http', 'basic'])
  }
})

test('has every operation once, with summary, caller, parameters and replies', () => {
  const ids = new Set<string>()
  let count = 0
  for (const { method, path, name, sdk, caller, has_body, status } of operations) {
    const operation = document.paths[path]?.[method.toLowerCase()]
    assert.ok(operation, `${method} ${path} is missing`)
    assert.equal(operation.operationId, name)
    assert.match(operation.summary, /^[A-Z].*\.$/)
    assert.equal(operation['x-sdk'], sdk || undefined)
    assert.deepEqual(operation.security, caller === 'public' ? [] : [{ [caller]: [] }])
    const inPath = (operation.parameters ?? []).filter((parameter: Node) => parameter.in === 'path')
    assert.deepEqual(
      inPath.map((parameter: Node) => `{${parameter.name}}`),
      path.match(/\{\w+\}/g) ?? [],
    )
    for (const parameter of inPath) assert.equal(parameter.required, true)
    assert.equal(operation.requestBody !== undefined, has_body)
    const success = operation.responses[status].content['application/json'].schema
    assert.equal(success.$ref, `#/components/schemas/${name}Response`)
    for (const code of ['4XX', '5XX']) assert.ok(operation.responses[code].content['application/json'])
    ids.add(name)
    count++
  }
  assert.equal(ids.size, count)
  const described = Object.values<Node>(document.paths).flatMap((item) => Object.keys(item))
  assert.equal(described.length, count)
})

test('every reference leads to a component', () => {
  let references = 0
  for (const { node } of walk(document)) {
    if (typeof node.$ref !== 'string') continue
    references++
    const name = node.$ref.replace('#/components/schemas/', '')
    assert.ok(Object.hasOwn(schemas, name), `${node.$ref} leads nowhere`)
  }
  assert.ok(references > 0)
})

test('every component is there under its published name, and every schema is one', () => {
  for (const name of components.keys()) assert.ok(schemas[name], `${name} is missing`)
  for (const name of Object.keys(schemas)) {
    assert.match(name, /^[A-Za-z]\w*$/)
  }
})

test('has nothing of the library that it is made with', () => {
  for (const { node, parent, key } of walk(schemas)) {
    if (key === 'properties' && parent !== 'properties') continue
    for (const leftover of ['~standard', '$schema', '$id', 'id', 'propertyNames', '$defs', 'definitions']) {
      assert.ok(!Object.hasOwn(node, leftover) || key === '', `${parent}.${key} has ${leftover}`)
    }
    assert.ok(node.minimum !== Number.MIN_SAFE_INTEGER && node.maximum !== Number.MAX_SAFE_INTEGER)
    assert.notEqual(node.additionalProperties, false)
  }
})

test('requests may leave out or send null for what is optional; replies say what is always there', () => {
  const request = schemas.api_session_v1_AuthenticateRequest
  assert.equal(request.required, undefined)
  assert.deepEqual(request.properties.session_token.type, ['string', 'null'])
  assert.deepEqual(request.properties.session_duration_minutes.type, ['integer', 'null'])
  assert.deepEqual(schemas.api_session_v1_AuthorizationCheck.required, ['resource_id', 'action'])
  const reply = schemas.api_session_v1_AuthenticateResponse
  assert.deepEqual(reply.required, ['status_code', 'request_id', 'session', 'session_token', 'session_jwt', 'user'])
  assert.deepEqual(reply.properties.session, { $ref: '#/components/schemas/api_session_v1_Session' })
  const user = schemas.api_user_v1_User
  assert.ok(user.required.includes('external_id') && user.required.includes('password'))
  assert.ok(user.properties.password.anyOf.some(({ type }: Node) => type === 'null'))
  assert.equal(user.properties.is_locked.type, 'boolean')
})

test('the schema of refusals is what refusals look like', async () => {
  const { server } = await world('sqlite')
  const body = (await server.inject('/nowhere')).json()
  assert.deepEqual(Object.keys(body).sort(), [...schemas.ErrorReply.required].sort())
})
