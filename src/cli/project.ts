/** `selvage project …`: projects and their environments. */
import { Argument, Command, Option } from 'commander'
import { listEnvironments, switchSandbox } from '../domain/projects/environment.ts'
import { listProjects } from '../domain/projects/project.ts'
import { createProjectWithEnvironments } from '../domain/workspace/installation.ts'
import { columns, print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommands. */
export function projectCommand(): Command {
  const project = new Command('project').description('Create and list projects, and switch their sandbox.')

  withJson(project.command('create <name>'))
    .description(
      'Create a project with a live and a test environment. Make a secret for each with "selvage secret create".',
    )
    .addOption(
      new Option('--vertical <kind>', 'what the project is for').choices(['consumer', 'b2b']).default('consumer'),
    )
    .option('--slug <slug>', 'what names the project in paths; made from the name when absent')
    .action((name: string, options: { vertical: 'consumer' | 'b2b'; slug?: string; json?: boolean }) =>
      withInstallation(async (app) => {
        const vertical = options.vertical === 'b2b' ? 'B2B' : 'CONSUMER'
        const { live, test } = await createProjectWithEnvironments(app, {
          name,
          vertical,
          project_slug: options.slug,
        })
        const value = { project_slug: live.project_slug, name, vertical, live: live.project_id, test: test.project_id }
        print(
          options,
          value,
          columns([
            ['project', value.project_slug],
            ['live', value.live],
            ['test', value.test],
          ]),
        )
      }),
    )

  withJson(project.command('list'))
    .description('List projects with their environments.')
    .action((options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const projects = []
        for (const project of await listProjects(app)) {
          const environments = await listEnvironments(app, project)
          projects.push({
            project_slug: project.project_slug,
            name: project.name,
            vertical: project.vertical,
            environments: environments.map(({ environment_slug, type, project_id }) => ({
              environment_slug,
              type,
              project_id,
            })),
          })
        }
        const rows = projects.flatMap(({ project_slug, vertical, environments }) =>
          environments.map(({ environment_slug, project_id }) => [
            project_slug,
            vertical,
            environment_slug,
            project_id,
          ]),
        )
        print(options, { projects }, columns([['PROJECT', 'VERTICAL', 'ENVIRONMENT', 'PROJECT ID'], ...rows]))
      }),
    )

  withJson(project.command('sandbox'))
    .description(
      'Switch the sandbox values of a test environment on or off. They are public and always sign in: for the test suites of ' +
        'client libraries, never where real data is.',
    )
    .addArgument(new Argument('<switch>').choices(['on', 'off']))
    .argument('<project_id>')
    .action((position: 'on' | 'off', project_id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const environment = await requireEnvironment(app, project_id)
        const { sandbox_enabled } = (await switchSandbox(app, environment, position === 'on')).settings
        print(options, { project_id, sandbox_enabled }, `The sandbox of ${project_id} is ${position}.`)
      }),
    )
  return project
}
