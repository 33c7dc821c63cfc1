/** Redirect URLs: where links and codes may lead people, each registered for its purposes (reference: management.md §7). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { type EventType, recordEvent } from '../events/event.ts'
import { changeConfiguration, type EnvironmentRecord } from '../projects/environment.ts'
import { isPlaceholder, isWeb, readAddress } from './address.ts'
import {
  pattern,
  place,
  type RedirectUrl,
  type RedirectUrlType,
  redirectUrlTypes,
  type ValidType,
} from './placement.ts'
import { deleteRedirectUrlRow, selectRedirectUrls, upsertRedirectUrl } from './table.ts'

/** Types as requests give them: the name of one may be anything. */
export type TypesGiven = { type?: string | undefined; is_default: boolean }[]
export type Promotion = { do_not_promote_defaults?: boolean | undefined }

const most = 100

/** Schemes that run code, read files or leave the browser: never a place to come back to. */
const forbiddenSchemes = new Set(
  'about blob chrome data file filesystem ftp intent jar javascript mailto resource sms tel vbscript view-source ws wss'.split(
    ' ',
  ),
)

/** The redirect URLs of an environment, oldest first. */
export function listRedirectUrls(
  app: App,
  { project_id }: Pick<EnvironmentRecord, 'project_id'>,
): Promise<RedirectUrl[]> {
  return selectRedirectUrls(app.store, project_id)
}

/** The redirect URL of exactly that text; refuses with `redirect_url_not_found`. */
export async function getRedirectUrl(app: App, environment: EnvironmentRecord, url: string): Promise<RedirectUrl> {
  return find(await listRedirectUrls(app, environment), url) ?? fail('redirect_url_not_found')
}

/**
 * Registers a URL for types; one that is registered already keeps its other types. Refuses URLs that are malformed or too
 * open for the environment, unknown types, defaults that name no single target, and more than 100 URLs.
 */
export function createRedirectUrl(
  app: App,
  environment: EnvironmentRecord,
  { url, valid_types, do_not_promote_defaults }: { url: string; valid_types: TypesGiven } & Promotion,
): Promise<RedirectUrl> {
  checkUrl(environment, url)
  const given = readTypes(url, valid_types)
  return change(app, environment, 'redirect_url.created', url, (before) => {
    const known = find(before, url)
    if (!known && before.length >= most) fail('too_many_redirect_urls')
    const kept = known?.valid_types.filter(({ type }) => !given.some((one) => one.type === type)) ?? []
    const next = { url, valid_types: [...kept, ...given], created_at: known?.created_at ?? app.now() }
    return place(before, next, !do_not_promote_defaults)
  })
}

/** Replaces the types of a URL. Refuses with `redirect_url_not_found`, and as creating does. */
export function updateRedirectUrl(
  app: App,
  environment: EnvironmentRecord,
  { url, valid_types, do_not_promote_defaults }: { url: string; valid_types: TypesGiven } & Promotion,
): Promise<RedirectUrl> {
  const given = readTypes(url, valid_types)
  return change(app, environment, 'redirect_url.updated', url, (before) => {
    const known = find(before, url) ?? fail('redirect_url_not_found')
    return place(before, { ...known, valid_types: given }, !do_not_promote_defaults)
  })
}

/** Removes a URL: from the next call on, nothing leads there. Refuses with `redirect_url_not_found`. */
export async function deleteRedirectUrl(
  app: App,
  environment: EnvironmentRecord,
  { url, do_not_promote_defaults }: { url: string } & Promotion,
): Promise<void> {
  await change(app, environment, 'redirect_url.deleted', url, (before) => {
    const known = find(before, url) ?? fail('redirect_url_not_found')
    return place(before, { ...known, valid_types: undefined }, !do_not_promote_defaults)
  })
}

/** Writes what `next` makes of all URLs of the environment, and returns the one that was asked for as it was or became. */
function change(
  app: App,
  { project_id }: EnvironmentRecord,
  event: EventType,
  url: string,
  next: (before: RedirectUrl[]) => RedirectUrl[],
): Promise<RedirectUrl> {
  return changeConfiguration(app, project_id, async (app) => {
    const before = await selectRedirectUrls(app.store, project_id)
    const after = next(before)
    for (const one of after)
      if (differs(find(before, one.url), one)) await upsertRedirectUrl(app.store, project_id, one)
    if (!find(after, url)) await deleteRedirectUrlRow(app.store, project_id, url)
    await recordEvent(app, project_id, event, url)
    return (find(after, url) ?? find(before, url)) as RedirectUrl
  })
}

function differs(before: RedirectUrl | undefined, after: RedirectUrl): boolean {
  return JSON.stringify(before?.valid_types) !== JSON.stringify(after.valid_types)
}

function find(urls: RedirectUrl[], url: string): RedirectUrl | undefined {
  return urls.find((one) => one.url === url)
}

function checkUrl({ type }: EnvironmentRecord, url: string): void {
  const address = readAddress(url) ?? fail('invalid_url')
  if (forbiddenSchemes.has(address.scheme)) fail('redirect_url_cannot_use_protocol')
  if (type === 'LIVE' && url.includes('*')) fail('no_wildcards_in_live_redirect_url')
  if (type === 'LIVE' && address.scheme === 'http') fail('redirect_url_must_use_https')
  const wild = isWeb(address) && address.host.includes('*')
  if (url.split('*').length - 1 !== (wild ? address.host.filter((label) => label === '*').length : 0)) {
    fail('invalid_url', 'A "*" can only stand for a whole label of the host of an http or https URL.')
  }
  if (wild && !isNarrow(address.host)) {
    fail('invalid_url', 'A host with "*" must end in a domain of your own: two labels, or three below a country.')
  }
  if (
    address.query?.some(([name, value]) => /[{}]/.test(name) || (/[{}]/.test(value ?? '') && !isPlaceholder(value)))
  ) {
    fail('invalid_url', 'Braces can only stand as "{}" for a whole value of the query.')
  }
}

/** Whether what follows the last wildcard can belong to one owner: `*.com` and `*.co.uk` belong to everybody. */
function isNarrow(host: string[]): boolean {
  const rest = host.slice(host.lastIndexOf('*') + 1)
  const [second = '', top = ''] = rest.slice(-2)
  if (rest.length < 2) return rest[0] === 'localhost'
  return (
    rest.length > 2 || top.length > 2 || !/^(?:ac|co|com|edu|go|gob|gov|gv|ltd|mil|ne|net|nom|or|org|sch)$/.test(second)
  )
}

/** The types as they are kept, each once. */
function readTypes(url: string, given: TypesGiven): ValidType[] {
  const types = new Map<RedirectUrlType, ValidType>()
  for (const { type, is_default } of given) {
    const known = redirectUrlTypes.find((one) => one === type) ?? fail('invalid_redirect_url_type')
    types.set(known, { type: known, is_default: is_default || types.get(known)?.is_default === true })
  }
  const valid_types = [...types.values()]
  if (valid_types.some(({ is_default }) => is_default)) checkDefault(url)
  return valid_types
}

function checkDefault(url: string): void {
  const open = pattern(url)
  if (open === 'wildcard') fail('redirect_url_with_wildcard_cannot_be_default')
  if (open === 'placeholder') fail('redirect_url_with_query_param_placeholder_cannot_be_default')
}
