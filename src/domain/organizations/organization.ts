/** Organizations: created, changed, deleted (reference: b2b.md §5.1–5.3). */
import { type ErrorType, fail } from '../../errors.ts'
import {
  claimIdentifiers,
  type Identifier,
  releaseAllIdentifiers,
  releaseIdentifiers,
} from '../../store/identifiers.ts'
import { isExternalId, looksLikeId, newId } from '../../values/id.ts'
import type { JsonObject } from '../../values/json.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { recordEvent } from '../events/event.ts'
import { mergeMetadata } from '../metadata.ts'
import { type Claimant, refuseForeignClaims } from './domains.ts'
import { getOrganization, organizationScope } from './reference.ts'
import type { Organization } from './row.ts'
import { changedSettings, newSettings, type SettingsGiven } from './settings.ts'
import { checkSlug, slugsFor } from './slug.ts'
import {
  countOrganizationRows,
  deleteOrganizationRow,
  holdOrganizationRow,
  insertOrganization,
  replaceDomains,
  updateOrganizationRow,
} from './table.ts'

/** What may be given of an organization. Without a slug one follows from the name; an empty slug or external id is none. */
export type OrganizationGiven = SettingsGiven & {
  organization_name?: string | undefined
  organization_slug?: string | undefined
  organization_external_id?: string | undefined
  /** Empty to unset. */
  organization_logo_url?: string | undefined
  trusted_metadata?: JsonObject | undefined
}

const longestLogoUrl = 2048

/**
 * Creates an organization without members; `slugs` are tried in turn when none is given. Refuses a missing name, what has the
 * wrong form, what is taken, unfit settings.
 */
export function createOrganization(
  app: App,
  environment: Environment,
  given: OrganizationGiven,
  slugs: typeof slugsFor = slugsFor,
): Promise<Organization> {
  const { project_id, type, policy } = environment
  const now = app.now()
  const drafted: Organization = {
    project_id,
    organization_id: newId('organization', type),
    organization_name: checkName(given.organization_name ?? ''),
    organization_slug: given.organization_slug ? checkSlug(given.organization_slug) : '',
    organization_external_id: given.organization_external_id ? checkExternalId(given.organization_external_id) : null,
    organization_logo_url: checkLogoUrl(given.organization_logo_url ?? ''),
    settings: newSettings(policy, settingsOf(given)),
    custom_roles: [],
    trusted_metadata: mergeMetadata({}, given.trusted_metadata),
    created_at: now,
    updated_at: now,
    version: 1,
  }
  return app.transaction(async (app) => {
    const organization = drafted.organization_slug ? drafted : await withFreeSlug(app, drafted, slugs)
    const held = drafted.organization_slug ? [] : slugIdentifiers(organization)
    await claim(app, organization, without(identifiersOf(organization), held))
    await insertOrganization(app.store, organization)
    await replaceDomains(
      app.store,
      project_id,
      organization.organization_id,
      organization.settings.email_allowed_domains,
    )
    await recordEvent(app, project_id, 'organization.created', organization.organization_id)
    return organization
  })
}

/**
 * Changes the parts of an organization that are given: metadata key by key, lists and maps as a whole. `actor` is the member who
 * asks, if one does; refuses what `refuseForeignClaims` does.
 */
export function updateOrganization(
  app: App,
  environment: Environment,
  reference: string,
  given: OrganizationGiven,
  actor?: Claimant,
): Promise<Organization> {
  return changeOrganization(app, environment, reference, (_, organization) => {
    const { organization_name: name, organization_slug: slug, organization_external_id: external_id } = given
    const settings = changedSettings(environment.policy, organization, settingsOf(given))
    if (actor) refuseForeignClaims(organization.settings, settings, actor)
    return {
      ...organization,
      organization_name: name === undefined ? organization.organization_name : checkName(name),
      organization_slug:
        slug && slug !== organization.organization_slug ? checkSlug(slug) : organization.organization_slug,
      organization_external_id:
        external_id && external_id !== organization.organization_external_id
          ? checkExternalId(external_id)
          : organization.organization_external_id,
      organization_logo_url: checkLogoUrl(given.organization_logo_url ?? organization.organization_logo_url),
      settings,
      trusted_metadata: mergeMetadata(organization.trusted_metadata, given.trusted_metadata),
    }
  })
}

/** Takes the external id from an organization; one without stays as it is. */
export function deleteExternalId(app: App, environment: Environment, reference: string): Promise<Organization> {
  return changeOrganization(app, environment, reference, (_, organization) =>
    organization.organization_external_id === null ? organization : { ...organization, organization_external_id: null },
  )
}

/**
 * Reads an organization, lets `change` make the next state of it, and writes that with the identifiers and domains that
 * follow from it, all in one transaction that begins again when somebody else wrote first. Writes nothing when `change`
 * returns the organization it was given. Refuses what another organization holds.
 */
export function changeOrganization(
  app: App,
  environment: Environment,
  reference: string,
  change: (app: App, organization: Organization) => Organization | Promise<Organization>,
): Promise<Organization> {
  return app.transaction(async (app) => {
    const { project_id } = environment
    const organization = await getOrganization(app, environment, reference)
    const next = await change(app, organization)
    if (next === organization) return organization
    const [before, after] = [identifiersOf(organization), identifiersOf(next)]
    const [gone, added] = [without(before, after), without(after, before)]
    if (gone.length + added.length > 0) await holdOrganization(app, organization)
    await releaseIdentifiers(app.store, project_id, organization.organization_id, gone)
    await claim(app, next, added)
    const domains = next.settings.email_allowed_domains
    if (String(domains) !== String(organization.settings.email_allowed_domains)) {
      await replaceDomains(app.store, project_id, organization.organization_id, domains)
    }
    await recordEvent(app, project_id, 'organization.updated', organization.organization_id)
    return updateOrganizationRow(app.store, { ...next, updated_at: app.now() })
  })
}

/**
 * Keeps an organization from being changed or deleted by others until the transaction ends; refuses with
 * `organization_not_found` when it has been deleted. Whoever adds something to an organization, or locks more than it,
 * locks the organization first.
 */
export async function holdOrganization(
  app: App,
  { project_id, organization_id }: Pick<Organization, 'project_id' | 'organization_id'>,
): Promise<void> {
  if (!(await holdOrganizationRow(app.store, project_id, organization_id))) fail('organization_not_found')
}

/** Deletes an organization itself; its slug, external id and domains are free again. Refuses with `organization_not_found`. */
export async function deleteOrganization(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  { organization_id }: Organization,
): Promise<void> {
  if (!(await deleteOrganizationRow(app.store, project_id, organization_id))) fail('organization_not_found')
  await releaseAllIdentifiers(app.store, project_id, organization_id)
  await replaceDomains(app.store, project_id, organization_id, [])
  await recordEvent(app, project_id, 'organization.deleted', organization_id)
}

/** How many organizations the environment has. */
export function countOrganizations(app: App, { project_id }: Pick<Environment, 'project_id'>): Promise<number> {
  return countOrganizationRows(app.store, project_id)
}

/** Gives an organization the first slug of its name that nobody has, and claims it. */
export async function withFreeSlug(
  app: App,
  organization: Organization,
  slugs: typeof slugsFor = slugsFor,
): Promise<Organization> {
  for (const organization_slug of slugs(organization.organization_name)) {
    const named = { ...organization, organization_slug }
    const identifiers = slugIdentifiers(named)
    const taken = await claimIdentifiers(app.store, named.project_id, named.organization_id, identifiers)
    if (taken.length === 0) return named
    await releaseIdentifiers(app.store, named.project_id, named.organization_id, identifiers)
  }
  throw new Error('The slugs of a name have no end.')
}

async function claim(app: App, organization: Organization, identifiers: Identifier[]): Promise<void> {
  const { project_id, organization_id } = organization
  const [taken] = await claimIdentifiers(app.store, project_id, organization_id, identifiers)
  if (taken) fail(duplicateOf(taken, organization))
}

function duplicateOf({ kind, value }: Identifier, { organization_slug }: Organization): ErrorType {
  if (kind === 'claimed_domain') return 'organization_settings_duplicate_claimed_domain'
  const isSlug = kind === 'slug' || (kind === 'name' && value === organization_slug)
  return isSlug ? 'organization_slug_already_used' : 'organization_external_id_already_used'
}

/** Everything that is unique about an organization, always in the same order, so that no two claims wait for each other. */
export function identifiersOf(organization: Organization): Identifier[] {
  const { organization_slug: slug, organization_external_id: external_id, settings } = organization
  return [
    ...slugIdentifiers(organization),
    ...(external_id === null ? [] : [identifier('external_id', external_id)]),
    ...(external_id === null || external_id === slug ? [] : [identifier('name', external_id)]),
    ...settings.claimed_email_domains.toSorted().map((domain) => identifier('claimed_domain', domain)),
  ]
}

/**
 * The slug, unique without regard to case, and as a name: no organization may be called like the external id of another, or
 * its administrators could have calls come to them that are meant for the other.
 */
export function slugIdentifiers({ organization_slug }: Pick<Organization, 'organization_slug'>): Identifier[] {
  return [identifier('slug', organization_slug.toLowerCase()), identifier('name', organization_slug)]
}

function identifier(kind: string, value: string): Identifier {
  return { scope: organizationScope, kind, value }
}

/** Those of the identifiers that are not among the others. */
export function without(some: Identifier[], others: Identifier[]): Identifier[] {
  return some.filter(({ kind, value }) => !others.some((other) => other.kind === kind && other.value === value))
}

/** What is given of the settings alone. */
export function settingsOf(given: OrganizationGiven): SettingsGiven {
  const { organization_name, organization_slug, organization_external_id, ...rest } = given
  const { organization_logo_url, trusted_metadata, ...settings } = rest
  return settings
}

/** The name of a request. Refuses with `organization_name_missing` or `invalid_organization_name`. */
export function checkName(name: string): string {
  if (name === '') fail('organization_name_missing')
  if (name.trim() === '' || [...name].length > 128) fail('invalid_organization_name')
  return name
}

/** The external id of a request. Refuses with `invalid_organization_external_id`, or with `bad_request` what looks like an id. */
export function checkExternalId(text: string): string {
  if (!isExternalId(text)) fail('invalid_organization_external_id')
  if (looksLikeId(text)) {
    fail(
      'bad_request',
      'organization_external_id must not begin like an id of this API, for example "organization-test-".',
    )
  }
  return text
}

/** The logo URL of a request. Refuses with `organization_logo_url_too_long`. */
export function checkLogoUrl(url: string): string {
  if (url.length > longestLogoUrl) fail('organization_logo_url_too_long')
  return url
}
