/** `selvage migrate`: brings the database schema up to date without serving. */
import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { openInstallation } from '../installation.ts'
import { commandLog, print, withJson } from './installation.ts'

/** The command. */
export function migrateCommand(): Command {
  return withJson(new Command('migrate'))
    .description('Bring the database schema up to date, and set a new database up, without serving.')
    .action(async (options: { json?: boolean }) => {
      const { first, credentials_path, close } = await openInstallation(readConfig(), commandLog(), systemClock)
      await close()
      const text = first
        ? `A new database has been set up; its credentials are in ${credentials_path}.`
        : 'The database schema is up to date.'
      print(options, { initialised: first !== undefined, credentials_path: first ? credentials_path : null }, text)
    })
}
