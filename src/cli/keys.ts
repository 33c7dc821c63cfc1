/** `selvage keys …`: the signing keys of an environment. */
import { Command, Option } from 'commander'
import { type SigningAlgorithm, signingAlgorithms } from '../crypto/signing.ts'
import { reseal } from '../domain/maintenance/reseal.ts'
import { loadSigningKeys, publishedKeys, rotateKeys } from '../domain/signing_keys/signing_key.ts'
import { rfc3339 } from '../values/time.ts'
import { columns, print, requireEnvironment, withInstallation, withJson } from './installation.ts'

/** The command and its subcommands. */
export function keysCommand(): Command {
  const keys = new Command('keys').description(
    'List and rotate the keys that sign session JWTs, and reseal what the master key protects.',
  )

  withJson(keys.command('list <project_id>'))
    .description('List the published keys.')
    .action((project_id: string, options: { json?: boolean }) =>
      withInstallation(async (app) => {
        await requireEnvironment(app, project_id)
        const published = publishedKeys(await loadSigningKeys(app, project_id), app.now()).map((key) => ({
          kid: key.kid,
          algorithm: key.algorithm,
          active_at: rfc3339(key.active_at),
          retired_at: key.retired_at === null ? null : rfc3339(key.retired_at),
        }))
        const rows = published.map((key) => [key.kid, key.algorithm, key.active_at, key.retired_at ?? '–'])
        print(options, { keys: published }, columns([['KEY', 'ALGORITHM', 'SIGNS FROM', 'RETIRES'], ...rows]))
      }),
    )

  withJson(keys.command('rotate <project_id>'))
    .description('Publish a new key. It signs after an hour; the old one stays published for 30 days after that.')
    .option('--at-once', 'for a key that leaked: sign with the new one now and drop all others')
    .addOption(
      new Option(
        '--algorithm <name>',
        'what the new key and those after it sign with; ES256 is cheaper, but not every client accepts it',
      ).choices(signingAlgorithms),
    )
    .action((project_id: string, options: { atOnce?: boolean; algorithm?: SigningAlgorithm; json?: boolean }) =>
      withInstallation(async (app) => {
        const environment = await requireEnvironment(app, project_id)
        const { atOnce: at_once = false, algorithm } = options
        const { kid, active_at } = await rotateKeys(app, environment, { at_once, algorithm })
        print(options, { kid, active_at: rfc3339(active_at) }, `Published ${kid}; it signs from ${rfc3339(active_at)}.`)
      }),
    )
  withJson(keys.command('reseal'))
    .description('Seal everything under the first key of SELVAGE_MASTER_KEY, so that the others can be dropped.')
    .action((options: { json?: boolean }) =>
      withInstallation(async (app) => {
        const resealed = await reseal(app)
        const { signing_keys, session_tokens, totps, messages } = resealed
        const sealed = `${signing_keys} signing keys, ${session_tokens} session tokens, ${totps} authenticator apps`
        print(options, resealed, `Sealed ${sealed} and ${messages} messages anew.`)
      }),
    )
  return keys
}
