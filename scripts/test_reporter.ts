/** How a run of all tests tells what it does: a dot a test, and at the end what failed or was skipped, and how many there were. */
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

const width = 120

/** The reporter, as `node --test-reporter` takes one. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const ends: string[] = []
  const counts = { passed: 0, failed: 0, skipped: 0 }
  let dots = 0
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue
    // A suite fails with its tests; what fails by itself, for example a file that cannot be loaded, has no suite's type.
    if (data.details.type === 'suite') continue
    const place = `${data.file ? relative(process.cwd(), data.file) : ''}:${data.line ?? ''}  ${data.name}`
    if (type === 'test:fail') {
      counts.failed++
      ends.push(`FAILED  ${place}\n${inspect(data.details.error.cause ?? data.details.error, { depth: 6 })}\n`)
    } else if (data.skip !== undefined && data.skip !== false) {
      counts.skipped++
      ends.push(`skipped  ${place}: ${data.skip}\n`)
    } else counts.passed++
    yield type === 'test:fail' ? 'X' : '.'
    if (++dots % width === 0) yield '\n'
  }
  yield `\n${ends.join('')}${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`
}
