/** The rows of secrets and public tokens. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { PublicToken } from './public_token.ts'
import type { Secret } from './secret.ts'

type Tables = { secrets: Secret & { project_id: string }; public_tokens: PublicToken & { project_id: string } }
const tables = (handle: Handle) => handle as Kysely<Tables>

/** The secrets of an environment, oldest first. */
export function selectSecrets(store: Store, project_id: string): Promise<Secret[]> {
  return tables(store.read)
    .selectFrom('secrets')
    .select(['secret_id', 'secret_hash', 'last_four', 'created_at', 'used_at'])
    .where('project_id', '=', project_id)
    .orderBy('created_at')
    .orderBy('secret_id')
    .execute()
}

/** Adds a secret. */
export async function insertSecret(store: Store, project_id: string, secret: Secret): Promise<void> {
  await tables(store.write)
    .insertInto('secrets')
    .values({ project_id, ...secret })
    .execute()
}

/** Removes a secret; false when there was none. */
export async function deleteSecretRow(store: Store, project_id: string, secret_id: string): Promise<boolean> {
  const { numDeletedRows } = await tables(store.write)
    .deleteFrom('secrets')
    .where('project_id', '=', project_id)
    .where('secret_id', '=', secret_id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Notes when a secret was last used. */
export async function updateUsedAt(
  store: Store,
  project_id: string,
  secret_id: string,
  used_at: number,
): Promise<void> {
  await tables(store.write)
    .updateTable('secrets')
    .set({ used_at })
    .where('project_id', '=', project_id)
    .where('secret_id', '=', secret_id)
    .execute()
}

/** Adds a public token. */
export async function insertPublicToken(store: Store, project_id: string, token: PublicToken): Promise<void> {
  await tables(store.write)
    .insertInto('public_tokens')
    .values({ project_id, ...token })
    .execute()
}

/** The public tokens of an environment, oldest first. */
export function selectPublicTokens(store: Store, project_id: string): Promise<PublicToken[]> {
  return tables(store.read)
    .selectFrom('public_tokens')
    .select(['public_token', 'created_at'])
    .where('project_id', '=', project_id)
    .orderBy('created_at')
    .orderBy('public_token')
    .execute()
}

/** The project id that a public token belongs to. */
export async function selectPublicTokenOwner(store: Store, public_token: string): Promise<string | undefined> {
  const row = await tables(store.read)
    .selectFrom('public_tokens')
    .select('project_id')
    .where('public_token', '=', public_token)
    .executeTakeFirst()
  return row?.project_id
}
