/** GET /metrics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../src/domain/app.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { createServer } from '../../src/http/server.ts'
import { refuse, succeed } from '../support/call.ts'
import { world } from '../support/world.ts'

const read = async (from: string, headers: Record<string, string> = {}, settings: { metrics?: 'all' } = {}) => {
  const { app } = await world('sqlite')
  const server = createServer({ ...app, settings: { ...app.settings, ...settings } })
  return server.inject({ method: 'GET', url: '/metrics', remoteAddress: from, headers })
}

test('counts what was answered, by the pattern of the route and never by an id', async () => {
  const here = await world('sqlite')
  const project = await here.project()
  const { user_id } = await succeed(here, project, 'POST /v1/users', { email: 'ada@example.com' })
  await succeed(here, project, `GET /v1/users/${user_id}`)
  await refuse(here, project, 'GET /v1/users/nobody', undefined, 404, 'user_not_found')
  const { body } = await here.server.inject({ method: 'GET', url: '/metrics' })
  assert.match(body, /^selvage_http_requests_total\{method="GET",route="\/v1\/users\/:user_id",status="404"\} \d+$/m)
  assert.match(body, /^process_resident_memory_bytes \d+$/m)
  assert.ok(!body.includes(user_id))
})

test('counts what became of messages, and tells when the database is away what the process knows', async () => {
  const { app } = await world('sqlite')
  const deliveries: App['deliveries'] = new Map([['sms', { sent: 2, retried: 1, failed: 0 }]])
  const away = { ...app.store, read: null as unknown as App['store']['read'] }
  for (const store of [app.store, away]) {
    const { body } = await createServer({ ...app, deliveries, store }).inject({ method: 'GET', url: '/metrics' })
    assert.match(body, /^selvage_message_attempts_total\{channel="sms",outcome="sent"\} 2$/m)
    assert.match(body, /^# TYPE selvage_messages_waiting gauge$/m)
  }
})

test('is for callers on this machine, and not for those that a proxy on it forwards', async () => {
  for (const from of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.equal((await read(from)).statusCode, 200, from)
  }
  for (const from of ['10.0.0.1', '203.0.113.9', '2001:db8::1', '::ffff:10.0.0.1']) {
    const response = await read(from)
    assert.deepEqual([response.statusCode, response.json().error_type], [404, 'route_not_found'], from)
  }
  const forwarded: Record<string, string>[] = [{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }]
  for (const headers of forwarded) {
    assert.equal((await read('127.0.0.1', headers)).statusCode, 404)
  }
})

test('is for everybody when the operator says so', async () => {
  assert.equal((await read('203.0.113.9', { 'x-forwarded-for': '1.2.3.4' }, { metrics: 'all' })).statusCode, 200)
})

test('buckets are cumulative, and slower than all of them counts in the last one', () => {
  const metrics = createMetrics()
  for (const seconds of [0.0005, 0.001, 0.2, 60]) metrics.observe('GET', '/x', 200, seconds)
  const lines = metrics.text().split('\n')
  const value = (le: string) =>
    lines
      .find((line) => line.includes('_bucket') && line.includes(`le="${le}"`))
      ?.split(' ')
      .at(-1)
  assert.deepEqual(['0.001', '0.1', '0.25', '10', '+Inf'].map(value), ['2', '2', '3', '3', '4'])
  assert.ok(lines.includes('selvage_http_request_duration_seconds_count{method="GET",route="/x"} 4'))
})
