/** What the administrative commands share: an open installation, and output for people or programs. */
import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import type { App } from '../domain/app.ts'
import type { EnvironmentRecord } from '../domain/projects/environment.ts'
import { findEnvironment } from '../domain/projects/environment.ts'
import { fail } from '../errors.ts'
import { createLog } from '../http/log.ts'
import { type Installation, openInstallation } from '../installation.ts'

/** Opens the configured installation for one command and closes it afterwards. */
export async function withInstallation<T>(work: (installation: Installation) => Promise<T>): Promise<T> {
  const config = readConfig()
  const installation = await openInstallation(config, createLog('warn'), systemClock)
  try {
    return await work(installation)
  } finally {
    await installation.close()
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
