/** The real program as processes of its own: started, asked over the network, ended by signals. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

export type Environment = Record<string, string>
export type Ended = { status: number | null; signal: string | null; stdout: string; stderr: string }
export type Served = {
  /** Where it listens. */
  url: string
  process: ChildProcess
  ended: Promise<Ended>
  /** Everything on its standard output so far. */
  stdout(): string
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

const bin = join(import.meta.dirname, '../../bin/selvage.mjs')
const running = new Set<ChildProcess>()
const directories: string[] = []
// Shared by all processes of a run: otherwise each would strip and compile the sources again.
const compiled = newDirectory()

after(() => {
  for (const child of running) child.kill('SIGKILL')
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/** A new empty directory, removed after the tests. */
export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'selvage-program-'))
  directories.push(directory)
  return directory
}

/** What a directory holds: every file's mode and bytes; `undefined` when it is not there. */
export function contents(directory: string): unknown {
  if (!existsSync(directory)) return undefined
  if (!statSync(directory).isDirectory()) return readFileSync(directory, 'latin1')
  return readdirSync(directory)
    .sort()
    .map((name) => {
      const path = join(directory, name)
      const { mode } = statSync(path)
      return [name, mode.toString(8), statSync(path).isDirectory() ? contents(path) : readFileSync(path, 'latin1')]
    })
}

function launch(
  args: string[],
  env: Environment,
  stdin: 'ignore' | 'pipe' = 'ignore',
): { child: ChildProcess; ended: Promise<Ended>; output: () => Ended } {
  const child = spawn(process.execPath, [bin, ...args], {
    // Nothing of what surrounds the tests may reach the program.
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled, PORT: '0', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  })
  running.add(child)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const output = (): Ended => ({ status: child.exitCode, signal: child.signalCode, stdout, stderr })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', () => {
      running.delete(child)
      resolve(output())
    })
  })
  return { child, ended, output }
}

/** Runs a command to its end. */
export function run(args: string[], env: Environment): Promise<Ended> {
  return launch(args, env).ended
}

/** Begins a command, which reads what is written to its `process.stdin`. */
export function begin(args: string[], env: Environment): { process: ChildProcess; ended: Promise<Ended> } {
  const { child, ended } = launch(args, env, 'pipe')
  // A command that ends early leaves its input unread.
  child.stdin?.on('error', () => {})
  return { process: child, ended }
}

/** Runs a command that must succeed, and returns the one JSON document it prints. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export async function runJson(args: string[], env: Environment): Promise<any> {
  const { status, stdout, stderr } = await run([...args, '--json'], env)
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, `${args.join(' ')}\n${stdout}`)
  return JSON.parse(stdout)
}

/** Starts a server and waits until all its processes listen. Fails when it ends instead. */
export async function serve(env: Environment, args: string[] = [], workers = 1): Promise<Served> {
  const { child, ended, output } = launch(['start', ...args], env)
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const urls = [...output().stdout.matchAll(/"url":"([^"]+)".*"Selvage is ready\."/g)].map(([, url]) => url)
      if (urls.length >= workers) resolve(urls[0] as string)
    })
  })
  const url = await Promise.race([
    ready,
    ended.then((end) => assert.fail(`The server ended: ${JSON.stringify(end, null, 2)}`)),
  ])
  return {
    url,
    process: child,
    ended,
    stdout: () => output().stdout,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** The credentials that the first start has left in a data directory. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export function credentialsIn(data_dir: string): any {
  return JSON.parse(readFileSync(join(data_dir, 'credentials.json'), 'utf8'))
}

// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export type Reply = { status: number; body: any }

/** Asks a server over the network, as the project with those credentials. */
export async function ask(
  url: string,
  project: { project_id: string; secret: string },
  route: string,
  body?: unknown,
): Promise<Reply> {
  const [method = '', path = ''] = route.split(' ')
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Basic ${btoa(`${project.project_id}:${project.secret}`)}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

/** Runs pieces of work at most `width` at a time. */
export async function inParallel<T>(width: number, work: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  const waiting = work.entries()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, piece] of waiting) results[index] = await piece()
    }),
  )
  return results
}
