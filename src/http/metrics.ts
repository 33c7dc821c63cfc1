/** What the process has done, as Prometheus reads it (text exposition format 0.0.4). */

/** Upper bounds of the latency histogram, in seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Latency = { buckets: number[]; count: number; sum: number }

export type Metrics = {
  /** Counts an answered request. `route` is the pattern of the path, never the path, so that the series stay few. */
  observe(method: string, route: string, status: number, seconds: number): void
  text(): string
}

/** Metrics of this process, beginning at nothing. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>()
  const latencies = new Map<string, Latency>()
  return {
    observe(method, route, status, seconds) {
      const labels = `method="${method}",route="${route}"`
      const series = `${labels},status="${status}"`
      requests.set(series, (requests.get(series) ?? 0) + 1)
      let latency = latencies.get(labels)
      if (!latency) {
        latency = { buckets: bounds.map(() => 0), count: 0, sum: 0 }
        latencies.set(labels, latency)
      }
      // The format wants cumulative buckets; they are added up when read.
      const bucket = bounds.findIndex((bound) => seconds <= bound)
      if (bucket >= 0) latency.buckets[bucket] = (latency.buckets[bucket] ?? 0) + 1
      latency.count++
      latency.sum += seconds
    },
    text() {
      const { user, system } = process.cpuUsage()
      return [
        ...family('selvage_http_requests_total', 'counter', 'Answered requests.'),
        ...[...requests].map(([labels, count]) => `selvage_http_requests_total{${labels}} ${count}`),
        ...family('selvage_http_request_duration_seconds', 'histogram', 'Time from request to answer.'),
        ...[...latencies].flatMap(([labels, latency]) => histogram(labels, latency)),
        ...family('process_cpu_seconds_total', 'counter', 'CPU time of the process.'),
        `process_cpu_seconds_total ${(user + system) / 1e6}`,
        ...family('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.'),
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
        '',
      ].join('\n')
    },
  }
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
