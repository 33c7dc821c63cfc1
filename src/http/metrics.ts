/** What the process has done, as Prometheus reads it (text exposition format 0.0.4). */

import type { Lane } from '../store/lane.ts'
import type { Admission } from './admission.ts'

/** Upper bounds of the latency histogram, in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Latency = { buckets: number[]; count: number; sum: number }
/** What one method of a route has answered: how often with which status, and how fast. */
type Served = { statuses: Map<number, number>; latency: Latency }

export type Metrics = {
  /** Counts an answered request. `route` is the pattern of the path, never the path, so that the series stay few. */
  observe(method: string, route: string, status: number, seconds: number): void
  text(): string
}

/** Metrics of this process, beginning at nothing. */
export function createMetrics(): Metrics {
  const routes = new Map<string, Map<string, Served>>()
  return {
    observe(method, route, status, seconds) {
      const { statuses, latency } = servedBy(routes, method, route)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      // The format wants cumulative buckets; they are added up when read.
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) latency.buckets[bucket] = (latency.buckets[bucket] ?? 0) + 1
      latency.count++
      latency.sum += seconds
    },
    text() {
      const { user, system } = process.cpuUsage()
      const all = [...routes].flatMap(([route, methods]) =>
        [...methods].map(([method, served]) => ({ labels: `method="${method}",route="${route}"`, ...served })),
      )
      return [
        ...family('selvage_http_requests_total', 'counter', 'Answered requests.'),
        ...all.flatMap(({ labels, statuses }) =>
          [...statuses].map(([status, count]) => `selvage_http_requests_total{${labels},status="${status}"} ${count}`),
        ),
        ...family('selvage_http_request_duration_seconds', 'histogram', 'Time from request to answer.'),
        ...all.flatMap(({ labels, latency }) => histogram(labels, latency)),
        ...family('process_cpu_seconds_total', 'counter', 'CPU time of the process.'),
        `process_cpu_seconds_total ${(user + system) / 1e6}`,
        ...family('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.'),
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
        '',
      ].join('\n')
    },
  }
}

/** Lines about how busy the process is: requests let in and refused, and what happens in its lanes. */
export function loadMetrics({ in_flight, refused }: Admission['load'], lanes: Record<string, Lane>): string {
  const ofLanes = (name: string, value: (load: Lane['load']) => number) =>
    Object.entries(lanes).map(([lane, { load }]) => `${name}{lane="${lane}"} ${value(load)}`)
  return [
    ...family('selvage_requests_in_flight', 'gauge', 'Requests that the process works on.'),
    `selvage_requests_in_flight ${in_flight}`,
    ...family('selvage_requests_refused_total', 'counter', 'Requests that were not let in, by reason.'),
    ...Object.entries(refused).map(([reason, count]) => `selvage_requests_refused_total{reason="${reason}"} ${count}`),
    ...family('selvage_lane_running', 'gauge', 'Pieces of heavy work under way.'),
    ...ofLanes('selvage_lane_running', ({ running }) => running),
    ...family('selvage_lane_waiting', 'gauge', 'Pieces of heavy work that wait for their turn.'),
    ...ofLanes('selvage_lane_waiting', ({ waiting }) => waiting),
    ...family(
      'selvage_lane_refused_total',
      'counter',
      'Pieces of heavy work that were refused instead of waiting too long.',
    ),
    ...ofLanes('selvage_lane_refused_total', (load) => load.refused),
    '',
  ].join('\n')
}

function servedBy(routes: Map<string, Map<string, Served>>, method: string, route: string): Served {
  const methods = routes.get(route) ?? new Map<string, Served>()
  const served = methods.get(method) ?? {
    statuses: new Map(),
    latency: { buckets: bounds.map(() => 0), count: 0, sum: 0 },
  }
  routes.set(route, methods.set(method, served))
  return served
}

/** Lines about messages: what became of the attempts to send in this process, and how many wait in the database. */
export function messageMetrics(
  deliveries: ReadonlyMap<string, Record<string, number>>,
  waiting: { channel: string; count: number }[],
): string {
  return [
    ...family('selvage_message_attempts_total', 'counter', 'Attempts to send messages, by what became of them.'),
    ...[...deliveries].flatMap(([channel, outcomes]) =>
      Object.entries(outcomes).map(
        ([outcome, count]) => `selvage_message_attempts_total{channel="${channel}",outcome="${outcome}"} ${count}`,
      ),
    ),
    ...family('selvage_messages_waiting', 'gauge', 'Messages of all processes that wait to be sent.'),
    ...waiting.map(({ channel, count }) => `selvage_messages_waiting{channel="${channel}"} ${count}`),
    '',
  ].join('\n')
}

function family(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}

function histogram(labels: string, { buckets, count, sum }: Latency): string[] {
  const name = 'selvage_http_request_duration_seconds'
  let below = 0
  const lines = bounds.map((bound, index) => {
    below += buckets[index] ?? 0
    return `${name}_bucket{${labels},le="${bound}"} ${below}`
  })
  return [
    ...lines,
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ]
}
