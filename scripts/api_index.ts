/** Writes `src/api/index.ts`, the sorted list of all operations, and tells which file holds which operation. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'

const root = `${import.meta.dirname}/../`

/** An operation as its file declares it; `file` is relative to the repository, `exported` the name of a constant. */
export type OperationFile = {
  file: string
  exported: string | undefined
  method: string
  path: string
  name: string
  sdk: string
}

/** Every file below `src/api` that declares an operation, sorted. */
export function operationFiles(): OperationFile[] {
  return globSync('src/api/*/**/*.ts', { cwd: root })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(root + file, 'utf8')
      const [, route] = /\boperation\(\{\s*route:\s+'([^']+)'/.exec(text) ?? []
      if (route === undefined && /\b(=|return) operation\(/.test(text))
        throw new Error(`${file}: its route cannot be read`)
      if (route === undefined) return []
      const [method = '', path = ''] = route.split(' ')
      const [, exported] = /export const (\w+) = operation\(/.exec(text) ?? []
      return [{ file, exported, method, path, name: field(text, 'name'), sdk: field(text, 'sdk') }]
    })
}

function field(text: string, name: string): string {
  return new RegExp(`^ +${name}: '([^']*)'`, 'm').exec(text)?.[1] ?? ''
}

/** The text the index must have. Operations that only some servers have are no constants, and not listed. */
export function apiIndex(): string {
  const listed = operationFiles().flatMap(({ file, exported }) => {
    const place = file.slice('src/api/'.length)
    return exported ? [{ place, exported, local: place.replace(/\.ts$/, '').replaceAll('/', '_') }] : []
  })
  const imports = [
    ...listed.map(({ place, exported, local }) => ({ from: place, text: `{ ${exported} as ${local} }` })),
    { from: 'operation.ts', text: 'type { Operation }' },
  ].sort((a, b) => (a.from < b.from ? -1 : 1))
  return [
    '/** Every operation that every server has. Written by `npm run index`; a test fails when it is stale. */',
    ...imports.map(({ from, text }) => `import ${text} from './${from}'`),
    '',
    'export const operations: Operation[] = [',
    ...listed.map(({ local }) => `  ${local},`),
    ']',
    '',
  ].join('\n')
}

if (import.meta.main) {
  writeFileSync(`${root}src/api/index.ts`, apiIndex())
}
