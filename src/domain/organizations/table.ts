/** The rows of organizations and of the email domains they let in. */
import { type Kysely, sql } from 'kysely'
import { type Handle, insertRows, oneOf, type Store, WriteConflict } from '../../store/store.ts'
import type { Role } from '../rbac/policy.ts'
import { type Organization, type OrganizationRow, toOrganization, toRow } from './row.ts'

type Tables = {
  organizations: OrganizationRow
  organization_domains: { project_id: string; domain: string; organization_id: string }
}
const tables = (handle: Handle) => handle as Kysely<Tables>

/** The organization with that id. */
export async function selectOrganization(
  store: Store,
  project_id: string,
  organization_id: string,
): Promise<Organization | undefined> {
  const row = await tables(store.read)
    .selectFrom('organizations')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .executeTakeFirst()
  return row && toOrganization(row)
}

/** The organizations with those ids. */
export async function selectOrganizations(
  store: Store,
  project_id: string,
  organization_ids: string[],
): Promise<Organization[]> {
  const rows = await tables(store.read)
    .selectFrom('organizations')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'organization_id', organization_ids))
    .execute()
  return rows.map(toOrganization)
}

/** The ids of the organizations that have the email domain in their list. */
export async function selectIdsByDomain(store: Store, project_id: string, domain: string): Promise<string[]> {
  const rows = await tables(store.read)
    .selectFrom('organization_domains')
    .select('organization_id')
    .where('project_id', '=', project_id)
    .where('domain', '=', domain)
    .execute()
  return rows.map(({ organization_id }) => organization_id)
}

/** Adds an organization. */
export async function insertOrganization(store: Store, organization: Organization): Promise<void> {
  await tables(store.write).insertInto('organizations').values(toRow(organization)).execute()
}

/** Adds many organizations with their domains; throws `WriteConflict` when one of the ids is taken. */
export async function insertOrganizations(store: Store, organizations: Organization[]): Promise<void> {
  const added = await insertRows(store, 'organizations', organizations.map(toRow))
  if (added < organizations.length) throw new WriteConflict()
  const domains = organizations.flatMap(({ project_id, organization_id, settings }) =>
    settings.email_allowed_domains.map((domain) => ({ project_id, domain, organization_id })),
  )
  await insertRows(store, 'organization_domains', domains)
}

/** The next `limit` organizations after that id, in the order of ids. */
export async function selectOrganizationsAfter(
  store: Store,
  project_id: string,
  organization_id: string,
  limit: number,
): Promise<Organization[]> {
  const rows = await tables(store.read)
    .selectFrom('organizations')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('organization_id', '>', organization_id)
    .orderBy('organization_id')
    .limit(limit)
    .execute()
  return rows.map(toOrganization)
}

/** Writes an organization; throws `WriteConflict` when it has changed since it was read. Returns it with its new version. */
export async function updateOrganizationRow(store: Store, organization: Organization): Promise<Organization> {
  const { project_id, organization_id, created_at: _, ...columns } = toRow(organization)
  const updated = { ...organization, version: organization.version + 1 }
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('organizations')
    .set({ ...columns, version: updated.version })
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .where('version', '=', organization.version)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new WriteConflict()
  return updated
}

/** Holds an organization until the transaction ends; false when it is gone. */
export async function holdOrganizationRow(store: Store, project_id: string, organization_id: string): Promise<boolean> {
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('organizations')
    .set((eb) => ({ version: eb.ref('version') }))
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Holds many organizations until the transaction ends, and returns the ids of those that are still there. */
export async function holdOrganizationRows(
  store: Store,
  project_id: string,
  organization_ids: string[],
): Promise<string[]> {
  const rows = await tables(store.write)
    .updateTable('organizations')
    .set((eb) => ({ version: eb.ref('version') }))
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'organization_id', organization_ids))
    .returning('organization_id')
    .execute()
  return rows.map((row) => row.organization_id)
}

/** Removes an organization; false when there was none. */
export async function deleteOrganizationRow(
  store: Store,
  project_id: string,
  organization_id: string,
): Promise<boolean> {
  const { numDeletedRows } = await tables(store.write)
    .deleteFrom('organizations')
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Replaces the email domains that an organization lets in. */
export async function replaceDomains(
  store: Store,
  project_id: string,
  organization_id: string,
  domains: string[],
): Promise<void> {
  await tables(store.write)
    .deleteFrom('organization_domains')
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .execute()
  if (domains.length === 0) return
  await tables(store.write)
    .insertInto('organization_domains')
    .values(domains.map((domain) => ({ project_id, organization_id, domain })))
    .execute()
}

/** How many organizations an environment has. */
export async function countOrganizationRows(store: Store, project_id: string): Promise<number> {
  const { count } = await tables(store.read)
    .selectFrom('organizations')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', project_id)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The own roles of all organizations of an environment that have any. */
export async function selectCustomRoles(store: Store, project_id: string): Promise<Role[]> {
  const rows = await tables(store.read)
    .selectFrom('organizations')
    .select('custom_roles')
    .where('project_id', '=', project_id)
    .where('custom_roles', '<>', '[]')
    .execute()
  return rows.flatMap(({ custom_roles }) => JSON.parse(custom_roles) as Role[])
}
