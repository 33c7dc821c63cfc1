/** The source as the house rules see it: files, layers, imports. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** An import or re-export; `to` is a path below the repository, or the name of a package. */
export type Import = { from: string; to: string; own: boolean; types: boolean }

/** All files of the server, with their text. */
export const files: ReadonlyMap<string, string> = new Map(
  globSync('src/**/*.ts', { cwd: root })
    .sort()
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
)

export const imports: readonly Import[] = [...files].flatMap(([from, text]) => importsOf(from, text))

/** The imports of a text, static and dynamic; `types` when nothing of them is left at run time. */
export function importsOf(from: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:([^'"`;]*?)\s*from\s*)?'([^']+)'/gm)
  const dynamic = text.matchAll(/\bimport\(\s*['"`]([^'"`]+)/g)
  const found = [
    ...[...statements].map(([, type, names = '', to = '']) => ({ to, types: type !== undefined || onlyTypes(names) })),
    ...[...dynamic].map(([, to = '']) => ({ to, types: false })),
  ]
  return found.map(({ to, types }) => {
    const own = to.startsWith('.')
    return { from, to: own ? normalize(join(dirname(from), to)) : to, own, types }
  })
}

function onlyTypes(names: string): boolean {
  const [, list] = /^\{([^}]*)\}$/.exec(names.trim()) ?? []
  const parts = list?.split(',').filter((part) => part.trim() !== '')
  return parts !== undefined && parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part))
}

/** The layer of a file: its folder below `src/`, or its own name. */
export function layerOf(file: string): string {
  return file.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}

/** The room of a file in the domain; undefined for what lives in none. */
export function roomOf(file: string): string | undefined {
  return /^src\/domain\/([^/]+)\//.exec(file)?.[1]
}
