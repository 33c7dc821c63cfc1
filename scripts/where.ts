/** `npm run where WHAT`: finds the file, the test and the names of an operation or page by its route, its path or its call. */
import { existsSync } from 'node:fs'
import { type OperationFile, operationFiles, pageFiles } from './api_index.ts'

const usage = `Finds the code of an operation.

  npm run where 'POST /v1/sessions/authenticate'   method and path, as documented or with real ids
  npm run where /v1/users/user-test-16d9ba61       every method of a path
  npm run where sessions.authenticate              a call of the client library, without "client."
  npm run where api_session_v1_Authenticate        the name in the published contract
`
const methods = /^(get|post|put|patch|delete)$/i

type Answer = { text: string; status: 0 | 1 }

/** What to print for these arguments, and the exit status. */
export function where(args: string[], operations: OperationFile[] = [...operationFiles(), ...pageFiles()]): Answer {
  const words = args.join(' ').trim().split(/\s+/)
  if (words[0] === '' || words.includes('--help') || words.includes('-h')) {
    return { text: usage, status: words[0] === '' ? 1 : 0 }
  }
  const [first = '', second] = words
  const method = second !== undefined && methods.test(first) ? first.toUpperCase() : undefined
  const wanted = pathOf(method ? (second ?? '') : first)
  const found = wanted.startsWith('/') ? byPath(operations, wanted, method) : byName(operations, wanted)
  if (found.length > 0) return { text: found.map(describe).join('\n'), status: 0 }
  const near = nearest(operations, wanted)
  return {
    text: `No operation is ${words.join(' ')}. Did you mean one of these?\n\n${near.map(line).join('')}`,
    status: 1,
  }
}

/** A path without origin, query and closing slash; a name without `client.` and parentheses. */
function pathOf(text: string): string {
  const path = text.replace(/^https?:\/\/[^/]+/, '').replace(/[?#].*$/, '')
  return path.startsWith('/') ? path.replace(/^\/+/, '/').replace(/(.)\/$/, '$1') : path.replace(/^client\.|\(.*$/g, '')
}

/** A path as documented wins; real ids fit where a parameter stands, and a fixed word wins over a parameter. */
function byPath(operations: OperationFile[], wanted: string, method: string | undefined): OperationFile[] {
  const candidates = operations.filter((operation) => method === undefined || operation.method === method)
  const template = wanted.replace(/\/:(\w+)/g, '/{$1}')
  const exact = candidates.filter(({ path }) => path === template)
  if (exact.length > 0) return exact
  const fits = candidates.filter(({ path }) =>
    new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(wanted),
  )
  const fewest = Math.min(...fits.map(parameters))
  return fits.filter((operation) => parameters(operation) === fewest)
}

function parameters({ path }: OperationFile): number {
  return path.split('{').length
}

function byName(operations: OperationFile[], wanted: string): OperationFile[] {
  const same = (text: string) => text.toLowerCase() === wanted.toLowerCase()
  return operations.filter(({ sdk, name }) => same(sdk) || same(name))
}

function describe({ file, method, path, name, sdk }: OperationFile): string {
  const test = file.replace(/^src\/api\/(.*)\.ts$/, 'test/api/$1.test.ts')
  const missing = existsSync(`${import.meta.dirname}/../${test}`) ? '' : ' (missing)'
  return [
    `${method} ${path}`,
    `  operation  ${file}`,
    `  test       ${test}${missing}`,
    `  call       ${sdk ? `client.${sdk}(…)` : 'none in the client library'}`,
    `  contract   ${name || 'none, it is a page for people'}`,
    '',
  ].join('\n')
}

function line({ method, path, sdk }: OperationFile): string {
  return `  ${`${method} ${path}`.padEnd(60)} ${sdk}\n`
}

/** The five operations that share most words with what was asked for; short slips count, too. */
function nearest(operations: OperationFile[], wanted: string): OperationFile[] {
  const asked = wordsOf(wanted)
  const score = (operation: OperationFile) => {
    const words = wordsOf(`${operation.path}/${operation.sdk}`)
    const closeness = (word: string) => Math.max(...words.map((other) => similarity(word, other)))
    return asked.reduce((sum, word) => sum + closeness(word), 0) - words.length / 100
  }
  return operations.toSorted((a, b) => score(b) - score(a)).slice(0, 5)
}

function wordsOf(text: string): string[] {
  const parts = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return [...new Set(parts.filter((part) => part !== '' && part !== 'v1'))]
}

/** From 0 to 1: the share of letter pairs that two words have in common. */
function similarity(a: string, b: string): number {
  const pairs = (word: string) => new Set([...word].map((letter, index) => letter + (word[index + 1] ?? '')))
  const [left, right] = [pairs(a), pairs(b)]
  return (2 * left.intersection(right).size) / (left.size + right.size)
}

if (import.meta.main) {
  const { text, status } = where(process.argv.slice(2))
  process[status === 0 ? 'stdout' : 'stderr'].write(text)
  process.exitCode = status
}
