/** Organizations of an import: what a record says, and the organization it becomes. */
import { newId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { mergeMetadata } from '../metadata.ts'
import { addOrganizations, holdPolicyFor, listOrganizationsAfter, organizationsOfIds } from '../organizations/many.ts'
import { checkExternalId, checkLogoUrl, checkName, identifiersOf, settingsOf } from '../organizations/organization.ts'
import type { Organization } from '../organizations/row.ts'
import { newSettings } from '../organizations/settings.ts'
import { checkSlug } from '../organizations/slug.ts'
import { builtinResources } from '../rbac/builtin.ts'
import { checkOrganizationRoles } from '../rbac/validation.ts'
import { type Claim, idHere, type Kind, type Names, refuseRepeated } from './names.ts'
import type { Findings } from './problem.ts'
import type { OrganizationRecord, Written } from './record.ts'
import { readTime, timeOf } from './time.ts'

export type OrganizationDraft = { names: Names; organization: Organization }

export const organizations: Kind = {
  noun: 'organization',
  async lookUp(app, environment, ids) {
    const found = await organizationsOfIds(app, environment, ids)
    return found.map(({ organization_id: id, organization_external_id: external_id }) => ({ id, external_id }))
  },
}

/** The organization of a record; undefined, with everything that is wrong, when it cannot be one. */
export function draftOrganization(
  app: App,
  environment: Environment,
  record: OrganizationRecord,
  findings: Findings,
): OrganizationDraft | undefined {
  const { project_id, type, vertical, policy } = environment
  const { type: _, organization_id, custom_roles = [], created_at, updated_at, ...given } = record
  const { sso_active_connections: __, scim_active_connection: ___, ...fields } = given
  const { organization_slug: slug, organization_external_id: external_id } = fields
  const id = idHere(environment, 'organization', 'organization_id', organization_id, findings)
  if (!id && !slug && !external_id) {
    findings.add('', 'an organization needs an organization_slug, an organization_external_id or an organization_id')
  }
  findings.check('custom_roles', () => checkOrganizationRoles(policy, builtinResources(vertical), custom_roles))
  const created = readTime(record, 'created_at', findings) ?? app.now()
  const organization = {
    project_id,
    organization_id: id ?? newId('organization', type),
    organization_name: findings.check('', () => checkName(fields.organization_name)) ?? '',
    organization_slug: (slug && findings.check('', () => checkSlug(slug))) || '',
    organization_external_id: (external_id && findings.check('', () => checkExternalId(external_id))) || null,
    organization_logo_url: findings.check('', () => checkLogoUrl(fields.organization_logo_url ?? '')) ?? '',
    settings: findings.check('', () => newSettings(policy, settingsOf(fields), custom_roles)),
    custom_roles,
    trusted_metadata: findings.check('trusted_metadata', () => mergeMetadata({}, fields.trusted_metadata)) ?? {},
    created_at: created,
    updated_at: readTime(record, 'updated_at', findings) ?? created,
    version: 1,
  }
  const { settings } = organization
  if (findings.problems.length > 0 || !settings) return undefined
  const whole: Organization = { ...organization, settings }
  const names = namesOf(findings.line, id, whole)
  refuseRepeated(names, findings)
  return findings.problems.length > 0 ? undefined : { names, organization: whole }
}

const fieldsOfKinds: Record<string, string> = {
  slug: 'organization_slug',
  external_id: 'organization_external_id',
  claimed_domain: 'claimed_email_domains',
}

function namesOf(line: number, id: string | undefined, organization: Organization): Names {
  const { organization_id: new_id, organization_slug: slug, organization_external_id: external_id } = organization
  const claims = identifiersOf(organization)
    // While there is no slug, none is claimed.
    .filter(({ value }) => value !== '')
    .map((identifier): Claim => {
      const ofName = identifier.value === slug ? 'organization_slug' : 'organization_external_id'
      return { field: fieldsOfKinds[identifier.kind] ?? ofName, identifier }
    })
  const ofKind = (kind: string) => claims.filter(({ identifier }) => identifier.kind === kind)
  const found_by = [...ofKind('external_id'), ...ofKind('slug')]
  const parts = [...ofKind('name'), ...ofKind('claimed_domain')]
  return { line, id_field: 'organization_id', id, new_id, external_id, found_by, parts }
}

/** Adds organizations that are new; belongs into a transaction. */
export async function writeOrganizations(
  app: App,
  environment: Environment,
  drafts: OrganizationDraft[],
  { is_rehearsal }: { is_rehearsal: boolean },
): Promise<void> {
  if (drafts.length === 0) return
  const added = drafts.map(({ organization }) => organization)
  if (!is_rehearsal) await holdPolicyFor(app, environment, added)
  await addOrganizations(app, environment, added)
}

/** The records of the next organizations after that id, at most `limit`; none when there are no more. */
export async function exportOrganizations(
  app: App,
  environment: Environment,
  { after, limit }: { after: string; limit: number },
): Promise<{ last: string; record: Written }[]> {
  const found = await listOrganizationsAfter(app, environment, after, limit)
  return found.map((organization) => ({
    last: organization.organization_id,
    record: {
      type: 'organization',
      organization_id: organization.organization_id,
      organization_name: organization.organization_name,
      organization_slug: organization.organization_slug,
      organization_external_id: organization.organization_external_id,
      organization_logo_url: organization.organization_logo_url,
      trusted_metadata: organization.trusted_metadata,
      ...organization.settings,
      custom_roles: organization.custom_roles,
      created_at: timeOf(organization.created_at),
      updated_at: timeOf(organization.updated_at),
    },
  }))
}
