/** Every operation and page is where its address says, is listed, and has its test. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { apiIndex, type OperationFile, operationFiles, pageFiles } from '../../scripts/api_index.ts'
import { operations, pages } from '../../src/api/index.ts'
import { root } from './source.ts'

const all = operationFiles()
const both = [...all, ...pageFiles()]

/** `getJWKS` becomes `get_jwks`, `createPEMFile` becomes `create_pem_file`, `redirectURLs` becomes `redirect_urls`. */
function snake(name: string): string {
  return name
    .replace('URLs', 'Urls')
    .replace('WhatsApp', 'Whatsapp')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

function audience(path: string): string {
  if (path.startsWith('/v1/b2b/')) return 'b2b'
  return path.startsWith('/pwa/v3/') ? 'management' : 'consumer'
}

/** Where an operation of a client library must be: audience, then the words of the call. */
function place({ path, sdk }: OperationFile): string {
  return `src/api/${[audience(path), ...sdk.split('.').map(snake)].join('/')}.ts`
}

test('the place of an operation follows from its address and its call', () => {
  const placed = all.filter(({ sdk }) => sdk !== '')
  assert.ok(placed.length > 0)
  assert.deepEqual(
    placed.map(({ file }) => file),
    placed.map(place),
  )
})

test('what no client library calls is public, or for development', () => {
  for (const { file, sdk } of both) {
    if (sdk === '') assert.match(file, /^src\/api\/(public|dev)\//)
  }
})

test('no two operations share a route, a name or a call', () => {
  const keys = {
    route: ({ method, path }: OperationFile) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`,
    name: ({ name }: OperationFile) => name,
    call: ({ path, sdk, file }: OperationFile) => (sdk === '' ? file : `${audience(path)} ${sdk}`),
  }
  for (const [what, key] of Object.entries(keys)) {
    assert.equal(new Set(all.map(key)).size, all.length, `two operations have the same ${what}`)
  }
})

test('no page shares a route with an operation', () => {
  const routes = both.map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(
    routes.filter((route, index) => routes.indexOf(route) !== index),
    [],
  )
})

test('the index is what `npm run index` writes, and lists all but what only some servers have', () => {
  assert.equal(readFileSync(join(root, 'src/api/index.ts'), 'utf8'), apiIndex(), 'run "npm run index"')
  assert.deepEqual(
    all.filter(({ exported }) => exported === undefined).map(({ file }) => file),
    ['src/api/dev/clock.ts'],
  )
  const listed = all.filter(({ exported }) => exported !== undefined)
  assert.deepEqual(
    operations.map(({ method, path, name, sdk }) => `${method} ${path} ${name} ${sdk}`),
    listed.map(({ method, path, name, sdk }) => `${method} ${path} ${name} ${sdk}`),
  )
  assert.deepEqual(
    pages.map(({ method, path }) => `${method} ${path}`),
    pageFiles().map(({ method, path }) => `${method} ${path}`),
  )
})

test('the first line of an operation or page names its route', () => {
  for (const { file, method, path } of both) {
    const [first = ''] = readFileSync(join(root, file), 'utf8').split('\n')
    assert.ok(/^[:.] /.test(first.replace(`/** ${method} ${path}`, '')), `${file} begins with: ${first}`)
  }
})

test('every operation and page has a test file at the same place below test/api', () => {
  const missing = both
    .map(({ file }) => file.replace(/^src\/api\/(.*)\.ts$/, 'test/api/$1.test.ts'))
    .filter((file) => !existsSync(join(root, file)))
  assert.deepEqual(missing, [])
})
