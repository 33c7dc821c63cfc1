/** Writes `src/api/index.ts`, the sorted list of all operations. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'

const root = `${import.meta.dirname}/../`
const path = `${root}src/api/index.ts`

/** The text the index must have. */
export function apiIndex(): string {
  const files = globSync('src/api/*/**/*.ts', { cwd: root })
    .filter((file) => readFileSync(root + file, 'utf8').includes('= operation({'))
    .map((file) => file.slice('src/api/'.length))
    .filter((file) => !file.startsWith('dev/'))
    .sort()
  const name = (file: string) => file.replace(/\.ts$/, '').replaceAll('/', '_')
  const exported = (file: string) =>
    /export const (\w+) = operation\(/.exec(readFileSync(`${root}src/api/${file}`, 'utf8'))?.[1]
  return [
    '/** Every operation that every server has. Written by `npm run index`; a test fails when it is stale. */',
    ...[...files, 'operation.ts']
      .sort()
      .map((file) =>
        file === 'operation.ts'
          ? "import type { Operation } from './operation.ts'"
          : `import { ${exported(file)} as ${name(file)} } from './${file}'`,
      ),
    '',
    'export const operations: Operation[] = [',
    ...files.map((file) => `  ${name(file)},`),
    ']',
    '',
  ].join('\n')
}

if (import.meta.main) {
  writeFileSync(path, apiIndex())
}
