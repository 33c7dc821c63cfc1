/** Organizations by the hundred, for imports and exports: found, added and read in batches. */
import { claimAll, findOwners, type Identifier } from '../../store/identifiers.ts'
import { WriteConflict } from '../../store/store.ts'
import { parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvents } from '../events/event.ts'
import { changeConfiguration } from '../projects/environment.ts'
import { builtinResources } from '../rbac/builtin.ts'
import { loadPolicy } from '../rbac/policy.ts'
import { checkOrganizationRoles } from '../rbac/validation.ts'
import { identifiersOf, slugIdentifiers, withFreeSlug, without } from './organization.ts'
import { organizationScope } from './reference.ts'
import type { Organization } from './row.ts'
import { holdOrganizationRows, insertOrganizations, selectOrganizations, selectOrganizationsAfter } from './table.ts'

/** Those of the organizations that exist. */
export function organizationsOfIds(
  app: App,
  { project_id }: Environment,
  organization_ids: string[],
): Promise<Organization[]> {
  return selectOrganizations(app.store, project_id, organization_ids)
}

/** The organizations that these references name, by reference; each is read as `findOrganization` reads it. */
export async function findOrganizations(
  app: App,
  environment: Environment,
  references: string[],
): Promise<Map<string, Organization>> {
  const identifier = (kind: string, value: string): Identifier => ({ scope: organizationScope, kind, value })
  const ids = references.filter(isId)
  const names = references.filter((reference) => !isId(reference))
  const held = await findOwners(
    app.store,
    environment.project_id,
    names.flatMap((name) => [identifier('slug', name.toLowerCase()), identifier('external_id', name)]),
  )
  const owner_ids = held.map(({ owner_id }) => owner_id)
  const organizations = await organizationsOfIds(app, environment, [...new Set([...ids, ...owner_ids])])
  const byId = new Map(organizations.map((organization) => [organization.organization_id, organization]))
  const owners = new Map(held.map(({ kind, value, owner_id }) => [`${kind} ${value}`, owner_id]))
  const holder = (kind: string, value: string) => byId.get(owners.get(`${kind} ${value}`) ?? '')
  const named = references.map((reference): [string, Organization | undefined] => {
    if (isId(reference)) return [reference, byId.get(reference)]
    const bySlug = holder('slug', reference.toLowerCase())
    if (bySlug?.organization_slug === reference) return [reference, bySlug]
    return [reference, holder('external_id', reference) ?? bySlug]
  })
  return new Map(named.filter((entry): entry is [string, Organization] => entry[1] !== undefined))
}

function isId(reference: string): boolean {
  return parseId(reference)?.prefix === 'organization'
}

/**
 * Keeps organizations from being changed or deleted by others until the transaction ends. Throws `WriteConflict` when one has
 * been deleted, so that the transaction begins again without it.
 */
export async function holdOrganizations(
  app: App,
  { project_id }: Environment,
  organization_ids: string[],
): Promise<void> {
  if (organization_ids.length === 0) return
  const held = await holdOrganizationRows(app.store, project_id, organization_ids)
  if (held.length < organization_ids.length) throw new WriteConflict()
}

/**
 * Keeps the project's policy from being changed until the transaction ends, where organizations that are about to be added
 * have roles of their own, and checks these against it once more.
 */
export async function holdPolicyFor(
  app: App,
  { project_id, vertical }: Environment,
  organizations: Organization[],
): Promise<void> {
  const roles = organizations.map(({ custom_roles }) => custom_roles).filter(({ length }) => length > 0)
  if (roles.length === 0) return
  await changeConfiguration(app, project_id, async (app) => {
    const policy = await loadPolicy(app, project_id, vertical)
    for (const own of roles) checkOrganizationRoles(policy, builtinResources(vertical), own)
  })
}

/**
 * Adds organizations as they are, checked by the caller; one with an empty slug gets one that follows from its name. Throws
 * `WriteConflict` when another organization has anything that is unique, so that the caller's transaction begins again.
 */
export async function addOrganizations(
  app: App,
  { project_id }: Environment,
  organizations: Organization[],
): Promise<void> {
  const claim = async (given: Organization[], held: (organization: Organization) => Identifier[]) => {
    const claims = given.flatMap((organization) =>
      without(identifiersOf(organization), held(organization)).map((identifier) => ({
        ...identifier,
        owner_id: organization.organization_id,
      })),
    )
    if (!(await claimAll(app.store, project_id, claims))) throw new WriteConflict()
  }
  const given = organizations.filter(({ organization_slug }) => organization_slug !== '')
  await claim(given, () => [])
  const derived: Organization[] = []
  for (const organization of organizations) {
    if (organization.organization_slug === '') derived.push(await withFreeSlug(app, organization))
  }
  await claim(derived, slugIdentifiers)
  await insertOrganizations(app.store, [...given, ...derived])
  await recordEvents(
    app,
    project_id,
    organizations.map(({ organization_id }) => ({
      type: 'organization.created' as const,
      subject_id: organization_id,
      details: { imported: true },
    })),
  )
}

/** The next organizations after that id, at most `limit`, in the order of ids. */
export function listOrganizationsAfter(
  app: App,
  { project_id }: Environment,
  organization_id: string,
  limit: number,
): Promise<Organization[]> {
  return selectOrganizationsAfter(app.store, project_id, organization_id, limit)
}
