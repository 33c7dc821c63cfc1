/** Email domains that organizations let in, claim, or tie roles to (reference: b2b.md §5.3). */
import { type ErrorType, fail } from '../../errors.ts'
import { findOwner } from '../../store/identifiers.ts'
import { parseEmail } from '../../values/email.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { organizationScope } from './reference.ts'
import type { Organization } from './row.ts'

/** What a list of domains refuses with. */
export type DomainRefusals = { invalid: ErrorType; too_common: ErrorType; duplicate: ErrorType }

const mostDomains = 100

/** Providers whose addresses anybody can have, by the label directly left of the public suffix. */
const consumerProviders = new Set(
  (
    'gmail aol yahoo icloud hotmail msn comcast live outlook att earthlink me mac sbcglobal verizon igmail hey laposte ' +
    'wanadoo googlemail orange rediffmail uol bol free gmx yandex ymail libero'
  ).split(' '),
)
/** Labels that, before a country's, belong to the public suffix: `co` in `yahoo.co.uk`. */
const secondLevels = new Set(
  'ac co com edu go gob gov gouv id ind info ltd me mil ne net nom or org plc sch web'.split(' '),
)

/** The domain of an email address, in lower case. */
export function domainOf(email_address: string): string {
  return email_address.slice(email_address.lastIndexOf('@') + 1).toLowerCase()
}

/** Whether somebody with that address, once it is proven, may join the organization unasked. Subdomains do not match. */
export function admitsByEmail({ settings }: Pick<Organization, 'settings'>, email_address: string): boolean {
  return settings.email_jit_provisioning === 'RESTRICTED' && isAllowed(settings, email_address)
}

/** Whether somebody with that address may be invited to the organization. */
export function admitsByInvite({ settings }: Pick<Organization, 'settings'>, email_address: string): boolean {
  if (settings.email_invites === 'RESTRICTED') return isAllowed(settings, email_address)
  return settings.email_invites === 'ALL_ALLOWED'
}

function isAllowed({ email_allowed_domains }: Organization['settings'], email_address: string): boolean {
  return email_allowed_domains.includes(domainOf(email_address))
}

/**
 * Refuses with `action_not_allowed_email_domain_is_claimed` an address whose domain another organization has claimed; for
 * an organization that does not exist yet, when any has.
 */
export async function refuseClaimedDomain(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  organization: Pick<Organization, 'organization_id'> | undefined,
  email_address: string,
): Promise<void> {
  const claimer = await claimerOf(app, { project_id }, email_address)
  if (claimer !== undefined && claimer !== organization?.organization_id) {
    fail('action_not_allowed_email_domain_is_claimed')
  }
}

/** The address of a member, and whether they have proven it. */
export type Claimant = { email_address: string; email_address_verified: boolean }

/**
 * Refuses with `session_authorization_error` what a member adds to the claimed domains, but for the domain of an address that they
 * have proven: anybody can found an organization, and could keep whole companies out of all others.
 */
export function refuseForeignClaims(
  { claimed_email_domains: before }: Pick<Organization['settings'], 'claimed_email_domains'>,
  { claimed_email_domains: after }: Pick<Organization['settings'], 'claimed_email_domains'>,
  { email_address, email_address_verified }: Claimant,
): void {
  const own = email_address_verified ? domainOf(email_address) : undefined
  const foreign = after.find((domain) => !before.includes(domain) && domain !== own)
  if (foreign === undefined) return
  const sentence = `Members can claim only the domain of an address that they have proven, which is not at "${foreign}".`
  fail('session_authorization_error', sentence)
}

/** The id of the organization that has claimed the domain of an address. */
export function claimerOf(
  app: App,
  { project_id }: Pick<Environment, 'project_id'>,
  email_address: string,
): Promise<string | undefined> {
  const claim = { scope: organizationScope, kind: 'claimed_domain', value: domainOf(email_address) }
  return findOwner(app.store, project_id, claim)
}

/**
 * A list of domains as it is kept: trimmed, in lower case. Refuses more than 100 with `too_many_domains`, and with the
 * types of the list what is no domain, what a consumer provider owns, and what is there twice.
 */
export function readDomains(given: string[], refusals: DomainRefusals): string[] {
  if (given.length > mostDomains) fail('too_many_domains')
  const domains = given.map((text) => readDomain(text, refusals))
  const repeated = domains.find((domain, index) => domains.indexOf(domain) !== index)
  if (repeated !== undefined) fail(refusals.duplicate, `"${repeated}" is listed twice.`)
  return domains
}

/** One domain as it is kept; refuses what is none, and what a consumer provider owns. */
export function readDomain(text: string, { invalid, too_common }: Omit<DomainRefusals, 'duplicate'>): string {
  const address = parseEmail(`a@${text.trim()}`)
  if (address === undefined) fail(invalid, `"${text.slice(0, 128)}" is not a domain such as "example.com".`)
  const domain = domainOf(address)
  if (isConsumerDomain(domain)) fail(too_common, `Anybody can have an address at ${domain}.`)
  return domain
}

/** Whether the registered part of the domain is a consumer provider's: `gmail.com`, `yahoo.co.uk`, `mail.gmx.de`. */
function isConsumerDomain(domain: string): boolean {
  return consumerProviders.has(registeredLabelOf(domain))
}

/** Whether addresses in the domain are people's rather than one company's: consumer providers, and universities. */
export function isPersonalDomain(domain: string): boolean {
  return isConsumerDomain(domain) || /\.edu(\.[a-z]{2})?$/.test(domain)
}

/** The label of a domain directly left of the public suffix: `acme` in `mail.acme.co.uk`. */
export function registeredLabelOf(domain: string): string {
  const labels = domain.split('.')
  const [country = '', second = ''] = labels.toReversed()
  const suffix = labels.length > 2 && country.length === 2 && secondLevels.has(second) ? 2 : 1
  return labels.at(-suffix - 1) ?? ''
}
