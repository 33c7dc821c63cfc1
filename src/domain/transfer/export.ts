/** Exports: everybody of an environment as JSON lines, in the form that imports read (docs/import.md). */
import { fail } from '../../errors.ts'
import type { App } from '../app.ts'
import { exportMembers } from './member.ts'
import { exportOrganizations } from './organization.ts'
import type { RecordType, Written } from './record.ts'
import { exportUsers } from './user.ts'

/** So many records are read at once. */
const batch = 500

type Page = (app: App, after: string) => Promise<{ last: string; record: Written }[]>

/**
 * Hands the records of an environment to `write`, some lines at a time, organizations before their members; all as they were at
 * one moment. Without `with_credentials`, password hashes and authenticator apps are left out. Refuses with
 * `project_not_found`.
 */
export async function exportRecords(
  app: App,
  project_id: string,
  { with_credentials }: { with_credentials: boolean },
  write: (lines: string) => Promise<void>,
): Promise<Record<RecordType, number>> {
  const environment = (await app.environment(project_id)) ?? fail('project_not_found')
  const counts = { user: 0, organization: 0, member: 0 }
  const pages: [RecordType, Page][] =
    environment.vertical === 'CONSUMER'
      ? [['user', (app, after) => exportUsers(app, environment, { after, limit: batch, with_credentials })]]
      : [
          ['organization', (app, after) => exportOrganizations(app, environment, { after, limit: batch })],
          ['member', (app, after) => exportMembers(app, environment, { after, limit: batch, with_credentials })],
        ]
  await app.store.snapshot(async (store) => {
    for (const [type, page] of pages) {
      let after = ''
      while (true) {
        const found = await page({ ...app, store }, after)
        if (found.length === 0) break
        counts[type] += found.length
        after = found.at(-1)?.last ?? after
        await write(found.map(({ record }) => `${JSON.stringify(record)}\n`).join(''))
      }
    }
  })
  return counts
}
