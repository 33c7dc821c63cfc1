/** Imports and exports in tests: of records or raw lines, with what they tell. */
import { readFileSync } from 'node:fs'
import { exportRecords } from '../../src/domain/transfer/export.ts'
import { importRecords, type Tally } from '../../src/domain/transfer/import.ts'
import type { Credentials, World } from './world.ts'

/** What every password hash of the examples is of. */
export const examplePassword = 'correct horse battery staple'

/** The records of an example file. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export function example(name: 'import' | 'import_users'): any[] {
  return recordsOf(readFileSync(new URL(`../../examples/${name}.jsonl`, import.meta.url), 'utf8'))
}

/** The records of JSON lines. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what they need
export function recordsOf(text: string): any[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

export type Imported = { counts: Tally['counts']; refused: number; problems: string[] }

/** Imports lines: texts as they are, anything else as JSON. Problems are `line field: sentence`. */
export async function importLines(
  { app }: World,
  { id }: Credentials,
  lines: unknown[],
  { dry_run = false } = {},
): Promise<Imported> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const problems: string[] = []
  const { counts, refused } = await importRecords(app, id, chunks(Buffer.from(text)), {
    dry_run,
    onProblem: ({ line, field, sentence }) => problems.push(`${line} ${field}: ${sentence}`),
    onProgress: () => {},
  })
  return { counts, refused, problems }
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}

/** The lines of an export. */
export async function exportLines(
  { app }: World,
  { id }: Credentials,
  { with_credentials = true } = {},
): Promise<string[]> {
  let text = ''
  await exportRecords(app, id, { with_credentials }, async (lines) => {
    text += lines
  })
  return text.split('\n').slice(0, -1)
}

/** Everything that an import could have written for a project. */
export async function stored({ app }: World, { id }: Credentials): Promise<Record<string, unknown[]>> {
  const tables: Record<string, string> = {
    users: 'user_id',
    organizations: 'organization_id',
    organization_domains: 'domain',
    members: 'member_id',
    identifiers: 'value',
    passwords: 'owner_id',
    totps: 'owner_id',
    events: 'event_id',
  }
  const entries = Object.entries(tables).map(
    async ([table, order]): Promise<[string, unknown[]]> => [
      table,
      await app.store.read
        .selectFrom(table)
        .selectAll()
        .where('project_id', '=', id)
        .orderBy(order)
        .orderBy(table === 'identifiers' ? 'kind' : order)
        .execute(),
    ],
  )
  return Object.fromEntries(await Promise.all(entries))
}
