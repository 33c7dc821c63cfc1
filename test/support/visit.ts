/** Visits a page as a browser would, and holds every answer against what all pages promise. */
import assert from 'node:assert/strict'
import type { Credentials, World } from './world.ts'

export type Visited = { status: number; text: string; headers: Record<string, unknown>; policy: string }

/** Sends a request for a page by `inject`. `route` is `METHOD /path?query`. The answer is a page or a redirect, never JSON. */
export async function visit(world: World, route: string, caller?: Credentials): Promise<Visited> {
  const [method = '', url = ''] = route.split(' ')
  const response = await world.server.inject({
    method: method as 'GET',
    url,
    ...(caller
      ? { headers: { authorization: `Basic ${Buffer.from(`${caller.id}:${caller.secret}`).toString('base64')}` } }
      : {}),
  })
  const { statusCode: status, headers, body: text } = response
  const policy = String(headers['content-security-policy'] ?? '')
  assert.match(String(headers['content-type']), /^text\/html; charset=utf-8$/)
  assert.match(String(headers['x-request-id']), /^request-id-(test|live)-[0-9a-f-]{36}$/)
  const always = {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
  for (const [name, value] of Object.entries(always)) assert.equal(headers[name], value)
  if (status !== 302 && method !== 'HEAD') {
    assert.match(text, /^<!doctype html>\n<html lang="en">/)
    assert.match(policy, /^default-src 'none'; /)
    assert.match(policy, /frame-ancestors 'none'$/)
    assert.doesNotMatch(/script-src [^;]*/.exec(policy)?.[0] ?? '', /unsafe|http|\*/)
  }
  return { status, text, headers, policy }
}
