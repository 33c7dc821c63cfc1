/** What the administrative commands share: an open installation, and output for people or programs. */
import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import type { App, Log } from '../domain/app.ts'
import type { EnvironmentRecord } from '../domain/projects/environment.ts'
import { findEnvironment } from '../domain/projects/environment.ts'
import { fail } from '../errors.ts'
import { createLog } from '../http/log.ts'
import { openExisting } from '../installation.ts'

/** What a command logs goes to standard error, so that its standard output is the result alone. */
export function commandLog(): Log {
  return createLog('warn', process.stderr)
}

/** Opens the configured installation for one command and closes it afterwards. */
export async function withInstallation<T>(work: (app: App) => Promise<T>): Promise<T> {
  const { app, close } = await openExisting(readConfig(), commandLog(), systemClock)
  try {
    return await work(app)
  } finally {
    await close()
  }
}

/** The environment with that project id; refuses with `project_not_found`. */
export async function requireEnvironment(app: App, project_id: string): Promise<EnvironmentRecord> {
  return (await findEnvironment(app, project_id)) ?? fail('project_not_found', `There is no environment ${project_id}.`)
}

/** Adds `--json` to a command. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document instead of text')
}

/** Prints a result: as JSON, or as the text for people. */
export function print(options: { json?: boolean }, value: unknown, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`)
}

/** Lines of columns, aligned. */
export function columns(rows: string[][]): string {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
