/**
 * What must be unique or be found by another name (addresses, external ids, the ids of parts) is a row here, so
 * uniqueness is the database's business and not a check before a write.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { domainIn, type Handle, insertRows, keyTable, oneOf, type Store } from './store.ts'

export type Identifier = { scope: string; kind: string; value: string }
type Row = Identifier & { project_id: string; owner_id: string }
const tables = (handle: Handle) => handle as Kysely<{ identifiers: Row }>

/**
 * Claims identifiers for an owner and returns those that somebody else, or the owner, holds already. The caller refuses
 * when there are any, which undoes the claim with the transaction.
 */
export async function claimIdentifiers(
  store: Store,
  project_id: string,
  owner_id: string,
  identifiers: Identifier[],
): Promise<Identifier[]> {
  if (identifiers.length === 0) return []
  const claimed = await tables(store.write)
    .insertInto('identifiers')
    .values(identifiers.map((identifier) => ({ project_id, owner_id, ...identifier })))
    .onConflict((conflict) => conflict.doNothing())
    .returning(['kind', 'value'])
    .execute()
  return identifiers.filter(({ kind, value }) => !claimed.some((row) => row.kind === kind && row.value === value))
}

/** Claims identifiers for many owners at once; false when any of them was taken. The caller then undoes the transaction. */
export async function claimAll(
  store: Store,
  project_id: string,
  claims: (Identifier & { owner_id: string })[],
): Promise<boolean> {
  const rows = claims.map(({ scope, kind, value, owner_id }): Row => ({ project_id, scope, kind, value, owner_id }))
  // Always in the same order, so that of two who claim the same at once one waits for the other, and not each for each.
  rows.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  return (await insertRows(store, 'identifiers', rows)) === claims.length
}

function placeOf({ scope, kind, value }: Identifier): string {
  return `${scope} ${kind} ${value}`
}

/** Gives identifiers of an owner free. */
export async function releaseIdentifiers(
  store: Store,
  project_id: string,
  owner_id: string,
  identifiers: Identifier[],
): Promise<void> {
  for (const { scope, kind, value } of identifiers) {
    await tables(store.write)
      .deleteFrom('identifiers')
      .where('project_id', '=', project_id)
      .where('scope', '=', scope)
      .where('kind', '=', kind)
      .where('value', '=', value)
      .where('owner_id', '=', owner_id)
      .execute()
  }
}

/** Gives everything free that an owner holds. */
export async function releaseAllIdentifiers(store: Store, project_id: string, owner_id: string): Promise<void> {
  await tables(store.write)
    .deleteFrom('identifiers')
    .where('project_id', '=', project_id)
    .where('owner_id', '=', owner_id)
    .execute()
}

/** Gives everything free that is unique in a scope, whoever holds it. */
export async function releaseScope(store: Store, project_id: string, scope: string): Promise<void> {
  await tables(store.write)
    .deleteFrom('identifiers')
    .where('project_id', '=', project_id)
    .where('scope', '=', scope)
    .execute()
}

/** Who holds an identifier. */
export async function findOwner(store: Store, project_id: string, identifier: Identifier): Promise<string | undefined> {
  const row = await tables(store.read)
    .selectFrom('identifiers')
    .select('owner_id')
    .where('project_id', '=', project_id)
    .where('scope', '=', identifier.scope)
    .where('kind', '=', identifier.kind)
    .where('value', '=', identifier.value)
    .executeTakeFirst()
  return row?.owner_id
}

/** Those of the identifiers that somebody holds, each with who does. */
export async function findOwners(
  store: Store,
  project_id: string,
  identifiers: Identifier[],
): Promise<(Identifier & { owner_id: string })[]> {
  if (identifiers.length === 0) return []
  const keys = identifiers.map(({ scope, kind, value }) => [scope, kind, value])
  // Looked up key by key: joined, either engine may decide to go through all identifiers of the project instead.
  const { rows } = await sql<Identifier & { owner_id: string | null }>`
    select k.scope, k.kind, k.value,
      (select i.owner_id from identifiers i
        where i.project_id = ${project_id} and i.scope = k.scope and i.kind = k.kind and i.value = k.value) as owner_id
    from ${keyTable(store, 'k', ['scope', 'kind', 'value'], keys)}`.execute(store.read)
  return rows.flatMap(({ owner_id, ...identifier }) => (owner_id === null ? [] : [{ ...identifier, owner_id }]))
}

// Scope and kind stand in the text of these three: an index that is limited to some could not be chosen for a parameter.
// `distinct` keeps PostgreSQL, which cannot tell how many there are, from asking for each owner anew instead of listing them once.

/** A query of the owners who hold one of the values as an identifier of that scope and kind. */
export function ownersOfAny(
  store: Store,
  project_id: string,
  scope: string,
  kind: string,
  values: string[],
): RawBuilder<unknown> {
  const keys = values.map((value) => [value])
  // SQLite goes through a cross join from left to right: value by value, rather than through all identifiers.
  return sql`select i.owner_id from ${keyTable(store, 'k', ['value'], keys)} cross join identifiers i
    where ${amongIdentifiers(project_id, scope, kind)} and i.value = k.value`
}

/** A query of the owners of whom an identifier of that scope and kind matches the LIKE pattern (escape `\`). */
export function ownersOfLike(project_id: string, scope: string, kind: string, pattern: string): RawBuilder<unknown> {
  return sql`select i.owner_id from identifiers i
    where ${amongIdentifiers(project_id, scope, kind)} and i.value like ${pattern} escape '\\'`
}

/** A query of the owners of whom an email address of that scope and kind is in one of the domains. */
export function ownersInDomain(
  store: Store,
  project_id: string,
  scope: string,
  kind: string,
  domains: string[],
): RawBuilder<unknown> {
  return sql`select distinct i.owner_id from identifiers i
    where ${amongIdentifiers(project_id, scope, kind)} and ${oneOf(store, domainIn(store, 'i.value'), domains)}`
}

function amongIdentifiers(project_id: string, scope: string, kind: string): RawBuilder<unknown> {
  return sql`i.project_id = ${project_id} and i.scope = ${sql.lit(scope)} and i.kind = ${sql.lit(kind)}`
}
