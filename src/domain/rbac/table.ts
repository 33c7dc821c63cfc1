/** The rows of RBAC policies, one an environment. */
import type { Kysely } from 'kysely'
import type { Handle, Store } from '../../store/store.ts'
import type { Policy } from './policy.ts'

const tables = (handle: Handle) => handle as Kysely<{ rbac_policies: { project_id: string; policy: string } }>

/** The policy as it was stored; undefined while nobody has set one. */
export async function selectPolicy(store: Store, project_id: string): Promise<Policy | undefined> {
  const row = await tables(store.read)
    .selectFrom('rbac_policies')
    .select('policy')
    .where('project_id', '=', project_id)
    .executeTakeFirst()
  return row && (JSON.parse(row.policy) as Policy)
}

/** Stores the policy, replacing the one before. */
export async function upsertPolicy(store: Store, project_id: string, policy: Policy): Promise<void> {
  const text = JSON.stringify(policy)
  await tables(store.write)
    .insertInto('rbac_policies')
    .values({ project_id, policy: text })
    .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ policy: text }))
    .execute()
}
