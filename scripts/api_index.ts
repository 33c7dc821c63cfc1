/** Writes `src/api/index.ts`, the sorted lists of all operations and pages, and tells which file holds which. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'

const root = `${import.meta.dirname}/../`

/**
 * An operation as its file declares it; `file` is relative to the repository, `exported` the name of a constant. Pages
 * have neither a name in the contract nor a call.
 */
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
  return filesOf('operation')
}

/** Every file below `src/api` that declares a page, sorted. */
export function pageFiles(): OperationFile[] {
  return filesOf('page')
}

function filesOf(kind: 'operation' | 'page'): OperationFile[] {
  return globSync('src/api/*/**/*.ts', { cwd: root })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(root + file, 'utf8')
      const [, route] = new RegExp(`\\b${kind}\\(\\{\\s*route:\\s+'([^']+)'`).exec(text) ?? []
      if (route === undefined && new RegExp(`\\b(=|return) ${kind}\\(`).test(text))
        throw new Error(`${file}: its route cannot be read`)
      if (route === undefined) return []
      const [method = '', path = ''] = route.split(' ')
      const [, exported] = new RegExp(`export const (\\w+) = ${kind}\\(`).exec(text) ?? []
      return [{ file, exported, method, path, name: field(text, 'name'), sdk: field(text, 'sdk') }]
    })
}

function field(text: string, name: string): string {
  return new RegExp(`^ +${name}: '([^']*)'`, 'm').exec(text)?.[1] ?? ''
}

/** The text the index must have. Operations that only some servers have are no constants, and not listed. */
export function apiIndex(): string {
  const [operations, pages] = [operationFiles(), pageFiles()].map((files) => files.flatMap(listed)) as [
    Listed[],
    Listed[],
  ]
  const imports = [
    ...[...operations, ...pages].map(({ place, exported, local }) => ({
      from: place,
      text: `{ ${exported} as ${local} }`,
    })),
    { from: 'operation.ts', text: 'type { Operation }' },
    { from: 'page.ts', text: 'type { Page }' },
  ].sort((a, b) => (a.from < b.from ? -1 : 1))
  return [
    '/** Every operation and page that every server has. Written by `npm run index`; a test fails when it is stale. */',
    ...imports.map(({ from, text }) => `import ${text} from './${from}'`),
    '',
    'export const operations: Operation[] = [',
    ...operations.map(({ local }) => `  ${local},`),
    ']',
    '',
    `export const pages: Page[] = [${pages.map(({ local }) => local).join(', ')}]`,
    '',
  ].join('\n')
}

type Listed = { place: string; exported: string; local: string }

function listed({ file, exported }: OperationFile): Listed[] {
  const place = file.slice('src/api/'.length)
  return exported ? [{ place, exported, local: place.replace(/\.ts$/, '').replaceAll('/', '_') }] : []
}

if (import.meta.main) {
  writeFileSync(`${root}src/api/index.ts`, apiIndex())
}
