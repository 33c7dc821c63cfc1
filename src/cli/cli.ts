/** The command line: one program, one file a command. */
import { Command } from 'commander'
import { ConfigError, variables } from '../config.ts'
import { SealError } from '../crypto/keyring.ts'
import { Refusal } from '../errors.ts'
import { StartupError } from '../store/store.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { keysCommand } from './keys.ts'
import { memberCommand } from './member.ts'
import { migrateCommand } from './migrate.ts'
import { projectCommand } from './project.ts'
import { secretCommand } from './secret.ts'
import { startCommand } from './start.ts'
import { userCommand } from './user.ts'

/** The whole program. */
export function program(): Command {
  const program = new Command('selvage')
    .description('Self-hosted authentication server, compatible with the Stytch API.')
    .showHelpAfterError('(add --help for what is possible)')
    .helpCommand(false)
  const commands = [
    startCommand(),
    migrateCommand(),
    projectCommand(),
    secretCommand(),
    userCommand(),
    memberCommand(),
    importCommand(),
    exportCommand(),
    keysCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  return program.addHelpText('after', `\nEnvironment variables:\n${variableTable()}`)
}

/** Runs a command line. What can be expected to go wrong ends in one sentence on standard error and exit status 1. */
export async function run(argv: string[]): Promise<void> {
  try {
    await program().parseAsync(argv)
  } catch (error) {
    const expected = [ConfigError, StartupError, SealError, Refusal].some((kind) => error instanceof kind)
    process.stderr.write(
      `selvage: ${expected ? (error as Error).message : error instanceof Error ? error.stack : error}\n`,
    )
    process.exitCode = 1
  }
}

function variableTable(): string {
  const width = Math.max(...variables.map(([name]) => name.length))
  return variables
    .map(
      ([name, fallback, meaning]) =>
        `  ${name.padEnd(width)}  ${meaning.replaceAll('`', '')}${fallback ? ` [${fallback}]` : ''}`,
    )
    .join('\n')
}
