/** Which URL is the default of a type after a change: at most one, and one where that can be (reference: management.md §7). */
import { isPlaceholder, readAddress } from './address.ts'

export type RedirectUrlType = 'LOGIN' | 'SIGNUP' | 'INVITE' | 'RESET_PASSWORD' | 'DISCOVERY'
export type ValidType = { type: RedirectUrlType; is_default: boolean }
export type RedirectUrl = { url: string; valid_types: ValidType[]; created_at: number }

export const redirectUrlTypes: RedirectUrlType[] = ['LOGIN', 'SIGNUP', 'INVITE', 'RESET_PASSWORD', 'DISCOVERY']

/** Why a URL cannot be the default of a type, if so: it names no single target. */
export function pattern(url: string): 'wildcard' | 'placeholder' | undefined {
  const address = readAddress(url)
  if (address?.host.includes('*')) return 'wildcard'
  return address?.query?.some(([, value]) => isPlaceholder(value)) ? 'placeholder' : undefined
}

/**
 * All URLs, oldest first, once `url` has exactly these types; without types given it is gone. A default among them takes the
 * flag from its holder. Where `promote` is set, the only URL of a type becomes its default, and a type that has lost its
 * default gets the oldest other URL that can be one.
 */
export function place(
  before: RedirectUrl[],
  { url, valid_types, created_at }: { url: string; valid_types: ValidType[] | undefined; created_at: number },
  promote: boolean,
): RedirectUrl[] {
  const others = before.filter((other) => other.url !== url)
  const taken = valid_types?.filter(({ is_default }) => is_default).map(({ type }) => type) ?? []
  let urls = others.map((other) => ({ ...other, valid_types: other.valid_types.map((one) => without(one, taken)) }))
  if (valid_types) urls = [...urls, { url, valid_types, created_at }].sort(oldestFirst)
  for (const type of promote ? redirectUrlTypes : []) {
    const next = promoted(urls, url, type, defaultOf(before, type) !== undefined)
    urls = urls.map((one) => (one === next ? withDefault(one, type) : one))
  }
  return urls
}

/** The default URL of a type, if it has one. */
export function defaultOf(urls: RedirectUrl[], type: RedirectUrlType): RedirectUrl | undefined {
  return urls.find(({ valid_types }) => valid_types.some((one) => one.type === type && one.is_default))
}

/** The URLs that are registered for a type. */
export function urlsOf(urls: RedirectUrl[], type: RedirectUrlType): RedirectUrl[] {
  return urls.filter(({ valid_types }) => valid_types.some((one) => one.type === type))
}

function promoted(urls: RedirectUrl[], changed: string, type: RedirectUrlType, had_default: boolean) {
  const all = urlsOf(urls, type)
  if (defaultOf(all, type)) return undefined
  const able = all.filter(({ url }) => pattern(url) === undefined)
  if (had_default) return able.find(({ url }) => url !== changed) ?? able[0]
  return all.length === 1 && all[0]?.url === changed ? able[0] : undefined
}

function without(one: ValidType, types: RedirectUrlType[]): ValidType {
  return types.includes(one.type) ? { ...one, is_default: false } : one
}

function withDefault(one: RedirectUrl, type: RedirectUrlType): RedirectUrl {
  return {
    ...one,
    valid_types: one.valid_types.map((entry) => (entry.type === type ? { type, is_default: true } : entry)),
  }
}

function oldestFirst(a: RedirectUrl, b: RedirectUrl): number {
  return a.created_at - b.created_at || (a.url < b.url ? -1 : 1)
}
