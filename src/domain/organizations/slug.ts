/** The slugs of organizations: what one must look like, and those that follow from a name (reference: b2b.md §5.2). */
import { randomInt } from 'node:crypto'
import { fail } from '../../errors.ts'
import { looksLikeId, parseId, startsLikeId } from '../../values/id.ts'

const longest = 128
/** Numbers that are tried in order before they are drawn: a name that many have would else cost a try for each. */
const inOrder = 9
/** Without those that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Refuses a slug that has the wrong form, or that requests could not tell from an id, with `invalid_organization_slug`. */
export function checkSlug(slug: string): string {
  if (!/^[A-Za-z0-9._~-]{2,128}$/.test(slug) || !/[A-Za-z0-9]/.test(slug)) fail('invalid_organization_slug')
  if (readsAsId(slug)) {
    fail('invalid_organization_slug', 'organization_slug must not begin like an id of this API ("organization-test-").')
  }
  return slug
}

/** Slugs for an organization of that name, best first, without an end: `acme-inc`, `acme-inc-2`, … */
export function* slugsFor(name: string): Generator<string, never> {
  const base = baseOf(name)
  yield base
  for (let number = 2; number <= inOrder; number++) yield suffixed(base, number)
  while (true) yield suffixed(base, randomInt(10_000, 1_000_000_000))
}

/** The same where strangers found organizations, who need not learn how many others have the name: `acme-inc-x7f2`. */
export function* drawnSlugsFor(name: string): Generator<string, never> {
  const base = baseOf(name)
  yield base
  while (true) yield suffixed(base, Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join(''))
}

function baseOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._~]+/g, '-')
  const slug = trimmed(trimmed(plain).slice(0, longest))
  if (!/[a-z0-9]/.test(slug)) return 'organization'
  return slug.length < 2 || readsAsId(slug) ? `org-${slug}`.slice(0, longest) : slug
}

function trimmed(slug: string): string {
  return slug.replace(/^-+|-+$/g, '')
}

function suffixed(base: string, addition: string | number): string {
  const suffix = `-${addition}`
  return base.slice(0, longest - suffix.length) + suffix
}

function readsAsId(slug: string): boolean {
  const lower = slug.toLowerCase()
  return startsLikeId(lower, 'organization') || (parseId(lower) !== undefined && looksLikeId(lower))
}
