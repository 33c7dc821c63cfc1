/** Imports run one way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { files, type Import, imports, importsOf, layerOf, roomOf } from './source.ts'

/** What each layer may import beside itself, lowest first. */
const below: Record<string, string[]> = {
  errors: [],
  values: [],
  clock: [],
  crypto: ['errors', 'values'],
  net: ['errors', 'values'],
  store: ['errors', 'values'],
  delivery: ['net', 'errors', 'values'],
  config: ['crypto', 'net', 'delivery', 'values'],
  domain: ['store', 'crypto', 'net', 'delivery', 'errors', 'values'],
  wire: ['domain', 'errors', 'values'],
  pages: ['errors', 'values'],
  api: ['domain', 'wire', 'pages', 'errors', 'values', 'clock'],
  http: ['api', 'domain', 'wire', 'pages', 'store', 'crypto', 'config', 'errors', 'values'],
  app: ['domain', 'store', 'crypto', 'net', 'delivery', 'config', 'errors', 'values'],
  installation: ['app', 'domain', 'store', 'crypto', 'config', 'clock', 'errors', 'values'],
  serving: ['http', 'domain', 'store', 'delivery', 'installation', 'config', 'clock', 'errors', 'values'],
  main: ['serving', 'http', 'api', 'domain', 'installation', 'config', 'clock'],
  cli: ['main', 'http', 'domain', 'store', 'crypto', 'installation', 'config', 'clock', 'errors', 'values'],
}

function forbidden(rule: (one: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} imports ${to}`)
}

test('every file belongs to a known layer', () => {
  assert.deepEqual(
    [...files.keys()].filter((file) => !Object.hasOwn(below, layerOf(file))),
    [],
  )
})

test('every layer imports only what lies below it', () => {
  const wrong = forbidden(({ from, to, own }) => {
    if (!own) return false
    const [here, there] = [layerOf(from), layerOf(to)]
    return here !== there && !below[here]?.includes(there)
  })
  assert.deepEqual(wrong, [])
})

test('the layers themselves have no cycle', () => {
  const names = Object.keys(below)
  for (const [layer, allowed] of Object.entries(below)) {
    for (const other of allowed) assert.ok(!below[other]?.includes(layer), `${layer} and ${other}`)
  }
  assert.ok(names.length > 10)
})

test('wire/ takes only types from domain/', () => {
  assert.deepEqual(
    forbidden(({ from, to, types }) => layerOf(from) === 'wire' && layerOf(to) === 'domain' && !types),
    [],
  )
})

test('only table.ts and store/ import the query builder', () => {
  const wrong = forbidden(({ from, to }) => to === 'kysely' && layerOf(from) !== 'store' && !from.endsWith('/table.ts'))
  assert.deepEqual(wrong, [])
})

test('a table belongs to its room: others ask the verbs', () => {
  // These two say what the parts of the running server are; the first only names the types of batched look-ups.
  const joins = ['src/domain/app.ts', 'src/app.ts']
  const wrong = forbidden(
    ({ from, to }) => to.endsWith('/table.ts') && roomOf(from) !== roomOf(to) && !joins.includes(from),
  )
  assert.deepEqual(wrong, [])
  assert.deepEqual(
    forbidden(({ from, to, types }) => from === 'src/domain/app.ts' && to.endsWith('/table.ts') && !types),
    [],
  )
})

test('operations do not reach for the database, the framework or the network', () => {
  const packages = ['kysely', 'fastify', 'pg', 'node:sqlite', 'node:http', 'node:https', 'undici']
  const wrong = forbidden(({ from, to }) => ['api', 'wire', 'domain'].includes(layerOf(from)) && packages.includes(to))
  assert.deepEqual(
    wrong.filter((line) => !/\/table\.ts imports kysely$/.test(line)),
    [],
  )
})

test('no values go round in a circle', () => {
  const edges = new Map<string, string[]>()
  for (const { from, to, own, types } of imports) {
    if (own && !types) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const path: string[] = []
  function visit(file: string): void {
    const at = path.indexOf(file)
    assert.equal(at, -1, `a circle: ${[...path.slice(at), file].join(' → ')}`)
    if (done.has(file)) return
    path.push(file)
    for (const next of edges.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of files.keys()) visit(file)
  assert.ok(done.size >= files.size)
})

test('every import leads to a file', () => {
  assert.deepEqual(
    forbidden(({ to, own }) => own && !files.has(to)),
    [],
  )
})

test('the scanner sees every form of import', () => {
  const text = [
    "import a from './a.ts'",
    "import type { B } from './b.ts'",
    "import { type C, type D } from './c.ts'",
    "import { type E, f } from './d.ts'",
    "import {\n  type G,\n  h,\n} from './e.ts'",
    "import './f.ts'",
    "export { i } from './g.ts'",
    "export type { J } from './h.ts'",
    "const k = await import('./i.ts')",
    "import * as l from 'package'",
  ].join('\n')
  assert.deepEqual(
    importsOf('src/x/y.ts', text)
      .map(({ to, types }) => `${to}${types ? ' (types)' : ''}`)
      .sort(),
    [
      'package',
      'src/x/a.ts',
      'src/x/b.ts (types)',
      'src/x/c.ts (types)',
      'src/x/d.ts',
      'src/x/e.ts',
      'src/x/f.ts',
      'src/x/g.ts',
      'src/x/h.ts (types)',
      'src/x/i.ts',
    ],
  )
})
