/** `selvage user …`: what an operator does for the users of a consumer environment. */
import { Command } from 'commander'
import type { Environment } from '../domain/configuration/environment.ts'
import { unlockUser } from '../domain/signin/lock.ts'
import { fail } from '../errors.ts'
import { print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommand. */
export function userCommand(): Command {
  const user = new Command('user').description('Unlock the users of a consumer environment.')

  withJson(user.command('unlock <project_id> <user_id>'))
    .description('Unlock a user at once, who is named by id or external id.')
    .action((project_id: string, reference: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        await requireEnvironment(app, project_id)
        const environment = (await app.environment(project_id)) as Environment
        if (environment.vertical !== 'CONSUMER') fail('bad_request', `The project of ${project_id} has no users.`)
        const { user_id } = await unlockUser(app, environment, reference)
        print(options, { unlocked: user_id }, `Unlocked ${user_id}.`)
      }),
    )
  return user
}
