/** `selvage member …`: what an operator does for the members of a B2B environment. */
import { Command } from 'commander'
import type { Environment } from '../domain/configuration/environment.ts'
import { unlockMember } from '../domain/signin/lock.ts'
import { fail } from '../errors.ts'
import { print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommand. */
export function memberCommand(): Command {
  const member = new Command('member').description('Unlock the members of organizations in a B2B environment.')

  withJson(member.command('unlock <project_id> <member_id>'))
    .description('Unlock a member at once, who is named by id, and the address of the member.')
    .action((project_id: string, id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        await requireEnvironment(app, project_id)
        const environment = (await app.environment(project_id)) as Environment
        if (environment.vertical !== 'B2B') fail('bad_request', `The project of ${project_id} has no members.`)
        const { member_id } = await unlockMember(app, environment, id)
        print(options, { unlocked: member_id }, `Unlocked ${member_id}.`)
      }),
    )
  return member
}
