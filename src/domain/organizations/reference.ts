/** How requests name an organization: by id, slug or external id, wherever an `organization_id` is taken (reference: b2b.md §0.5). */
import { fail } from '../../errors.ts'
import { findOwner } from '../../store/identifiers.ts'
import { parseId, startsLikeId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { checkOwnId } from '../own_id.ts'
import type { Organization } from './row.ts'
import { selectIdsByDomain, selectOrganization, selectOrganizations } from './table.ts'

/** Where identifiers of organizations are unique: in the whole environment. */
export const organizationScope = 'organization'

/**
 * The organization that an `organization_id` field names: an id, else a slug, else an external id; of a slug in another case
 * and an external id to the letter, the latter. Refuses with
 * `invalid_organization_id` what can be none of them, with the two wrong-environment types an id of the other environment
 * type, and with `organization_not_found` what names none.
 */
export async function getOrganization(app: App, environment: Environment, reference: string): Promise<Organization> {
  return (await findOrganization(app, environment, reference)) ?? fail('organization_not_found')
}

/** Like `getOrganization`, but undefined when there is none. */
export async function findOrganization(
  app: App,
  environment: Environment,
  reference: string,
): Promise<Organization | undefined> {
  if (!/^[A-Za-z0-9._~|-]{1,128}$/.test(reference)) fail('invalid_organization_id')
  checkOwnId(environment, reference)
  if (parseId(reference)?.prefix === 'organization') {
    return selectOrganization(app.store, environment.project_id, reference)
  }
  if (startsLikeId(reference, 'organization')) fail('invalid_organization_id')
  const bySlug = await findOrganizationBy(app, environment, 'slug', reference)
  // A slug in another case must not stand before the external id that the caller wrote to the letter.
  if (bySlug?.organization_slug === reference) return bySlug
  return (await findOrganizationBy(app, environment, 'external_id', reference)) ?? bySlug
}

/** The organization that holds an identifier; slugs are compared without regard to case. */
export async function findOrganizationBy(
  app: App,
  { project_id }: Environment,
  kind: 'slug' | 'external_id' | 'claimed_domain',
  value: string,
): Promise<Organization | undefined> {
  const known = kind === 'slug' ? value.toLowerCase() : value
  const owner = await findOwner(app.store, project_id, { scope: organizationScope, kind, value: known })
  return owner === undefined ? undefined : selectOrganization(app.store, project_id, owner)
}

/** The organizations with those ids, in no order; unknown ids are left out. */
export async function findOrganizations(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  organization_ids: string[],
): Promise<Organization[]> {
  if (organization_ids.length === 0) return []
  return selectOrganizations(app.store, project_id, organization_ids)
}

/** The ids of the organizations whose settings list the email domain, whatever they allow to it. */
export function organizationsListing(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  domain: string,
): Promise<string[]> {
  return selectIdsByDomain(app.store, project_id, domain)
}
