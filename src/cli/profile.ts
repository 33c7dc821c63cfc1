/** `selvage profile …`: what the management API cannot say about trusted token profiles. */
import { Argument, Command } from 'commander'
import { getProject } from '../domain/projects/project.ts'
import { updateProfile } from '../domain/trusted_tokens/profile.ts'
import { print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommands. */
export function profileCommand(): Command {
  const profile = new Command('profile').description('Settings of trusted token profiles.')

  withJson(profile.command('single-use'))
    .argument('<project_id>')
    .argument('<profile_id>')
    .addArgument(new Argument('<switch>').choices(['on', 'off']))
    .description('Let each token id of a profile count once only, until its token expires.')
    .action((project_id: string, profile_id: string, position: 'on' | 'off', options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const environment = await requireEnvironment(app, project_id)
        const { vertical } = await getProject(app, environment.project_slug)
        const single_use_token_ids = position === 'on'
        await updateProfile(app, environment, vertical, profile_id, { single_use_token_ids })
        print(
          options,
          { profile_id, single_use_token_ids },
          `Single use of token ids is ${position} for ${profile_id}.`,
        )
      }),
    )
  return profile
}
