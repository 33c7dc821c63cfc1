/** `selvage export`: writes users, or organizations and members, as JSON lines that `selvage import` reads. */
import { existsSync, fstatSync, rmSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { Command } from 'commander'
import type { App } from '../domain/app.ts'
import { fail, Refusal } from '../errors.ts'
import { print, requireEnvironment, withInstallation, withJson } from './installation.ts'
import { amounts } from './progress.ts'

type Options = { project: string; output?: string; withoutCredentials?: boolean; json?: boolean }

/** Where lines go. `finish` makes what was written last; `drop` undoes it. */
type Target = { write(lines: string): Promise<void>; finish(): Promise<void>; drop(): Promise<void> }

/** The command. */
export function exportCommand(): Command {
  return withJson(new Command('export'))
    .description(
      'Export users, or organizations and members, with password hashes, as JSON lines that "selvage import" reads, to ' +
        'standard output or a file. All are written as they were at one moment; a server can run meanwhile.',
    )
    .requiredOption('--project <project_id>', 'the environment to export, by its project id')
    .option('--output <file>', 'write this file, which only its owner can read, instead of standard output')
    .option('--without-credentials', 'leave out password hashes and the secrets of authenticator apps')
    .addHelpText(
      'after',
      `
The format is described in docs/import.md. Sessions, and what is configured, are no part of it.

Example:
  selvage export --project project-live-… --output members.jsonl`,
    )
    .action((options: Options) => withInstallation((app) => runExport(app, options)))
}

async function runExport(app: App, options: Options): Promise<void> {
  const { output } = options
  const with_credentials = !options.withoutCredentials
  if (options.json && output === undefined) fail('bad_request', '--json needs --output: standard output is the export.')
  const { project_id } = await requireEnvironment(app, options.project)
  if (with_credentials && output === undefined) warnOfReaders()
  // Loaded here only: the other commands need none of it.
  const { exportRecords } = await import('../domain/transfer/export.ts')
  const target = output === undefined ? standardOutput() : await newFile(output)
  try {
    const { user, organization, member } = await exportRecords(app, project_id, { with_credentials }, target.write)
    await target.finish()
    const text = `Exported ${amounts({ user, organization, member }) || 'nobody: there are none'}.`
    const result = { users: user, organizations: organization, members: member, credentials: with_credentials }
    if (output === undefined) process.stderr.write(`${text}\n`)
    else print(options, { ...result, output }, text)
  } catch (error) {
    await target.drop()
    throw error
  }
}

/** Password hashes are nobody else's to see. */
function warnOfReaders(): void {
  const { isTTY } = process.stdout
  const stat = fstatSync(process.stdout.fd)
  const isOpen = stat.isFile() && (stat.mode & 0o077) !== 0
  if (!isTTY && !isOpen) return
  const where = isTTY ? 'your terminal shows' : 'others can read the file with'
  process.stderr.write(`Careful: ${where} password hashes. Use --output, or --without-credentials to leave them out.\n`)
}

function standardOutput(): Target {
  const { stdout } = process
  // Told by the callback of the write, too; without a listener it would end the process.
  stdout.on('error', () => {})
  return {
    write: (lines) =>
      new Promise((resolve, reject) => {
        stdout.write(lines, (error) => (error ? reject(unwritable('standard output', error)) : resolve()))
      }),
    finish: async () => {},
    drop: async () => {},
  }
}

/** The file gets its name once it is whole, so one that is there is never half an export. */
async function newFile(path: string): Promise<Target> {
  if (existsSync(path) && !statSync(path).isFile()) fail('bad_request', `${path} is not a file that can be written.`)
  const draft = `${path}.${process.pid}.part`
  const orFail = <T>(work: Promise<T>) => work.catch((error: unknown) => Promise.reject(unwritable(path, error)))
  const file = await orFail(open(draft, 'wx', 0o600))
  // Whoever interrupts an export must not leave half a file of password hashes behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      rmSync(draft, { force: true })
      process.exit(1)
    })
  }
  return {
    write: async (lines) => void (await orFail(file.appendFile(lines))),
    async finish() {
      await orFail(file.sync())
      await file.close()
      await orFail(rename(draft, path))
    },
    async drop() {
      await file.close()
      await rm(draft, { force: true })
    },
  }
}

function unwritable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined ? error : new Refusal('bad_request', `${path} cannot be written (${code}).`)
}
