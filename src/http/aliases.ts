/** Paths that some official clients get slightly wrong, and what they mean (reference: wire.md §1.1, §1.3). */
import { readCredentials } from './caller.ts'

/**
 * The path to route by, with the query kept. Leading duplicate slashes collapse, and the absolute form that proxies use
 * loses its host; nothing is redirected.
 */
export function canonicalUrl(url: string, method: string, authorization: string | undefined): string {
  if (url.startsWith('/v1/') && !url.startsWith('/v1/oauth2/')) return url
  const path = url.replace(/^https?:\/\/[^/?]*/i, '').replace(/^\/*/, '/')
  if (path.startsWith('/sdk/v1b2b/')) return `/sdk/v1/b2b/${path.slice('/sdk/v1b2b/'.length)}`
  if (path.startsWith('/b2b/public/sso/start')) return path.replace('/b2b/public/sso', '/v1/public/sso')
  if (path.startsWith('/b2b/public/')) return `/v1${path}`
  if (method === 'POST' && path.split('?')[0] === '/v1/oauth2/introspect') return introspection(path, authorization)
  return path
}

/** The Ruby client leaves the project out of this path; its Basic user name is the project id. */
function introspection(path: string, authorization: string | undefined): string {
  try {
    const { id } = readCredentials(authorization)
    return `/v1/public/${encodeURIComponent(id)}/oauth2/introspect`
  } catch {
    return path
  }
}
