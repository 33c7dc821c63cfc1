/** `selvage secret …`: the secrets of an environment. */
import { Command } from 'commander'
import { createSecret, deleteSecret, listSecrets } from '../domain/secrets/secret.ts'
import { rfc3339 } from '../values/time.ts'
import { columns, print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommands. */
export function secretCommand(): Command {
  const secret = new Command('secret').description('Create, list and delete the secrets of an environment.')

  withJson(secret.command('create <project_id>'))
    .description('Create a secret. It is shown once.')
    .action((project_id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const { secret_id, value } = await createSecret(app, await requireEnvironment(app, project_id))
        print(
          options,
          { secret_id, secret: value },
          columns([
            ['secret_id', secret_id],
            ['secret', value],
          ]),
        )
      }),
    )

  withJson(secret.command('list <project_id>'))
    .description('List the secrets by id and last four characters.')
    .action((project_id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const secrets = (await listSecrets(app, await requireEnvironment(app, project_id))).map((secret) => ({
          secret_id: secret.secret_id,
          last_four: secret.last_four,
          created_at: rfc3339(secret.created_at),
          used_at: secret.used_at === null ? null : rfc3339(secret.used_at),
        }))
        const rows = secrets.map(({ secret_id, last_four, created_at, used_at }) => [
          secret_id,
          last_four,
          created_at,
          used_at ?? 'never',
        ])
        print(options, { secrets }, columns([['SECRET ID', 'LAST FOUR', 'CREATED', 'USED'], ...rows]))
      }),
    )

  withJson(secret.command('delete <project_id> <secret_id>'))
    .description('Delete a secret. From the next call on, no node accepts it.')
    .action((project_id: string, secret_id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        await deleteSecret(app, await requireEnvironment(app, project_id), secret_id)
        print(options, { deleted: secret_id }, `Deleted ${secret_id}.`)
      }),
    )
  return secret
}
