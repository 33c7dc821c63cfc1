/** Locks a user as too many failed attempts will. */
import { HOUR } from '../../src/values/time.ts'
import type { TestProject, World } from './world.ts'

/** From now on for an hour. */
export async function lockUser({ app, clock }: World, project: TestProject, user_id: string): Promise<void> {
  const now = clock.now()
  await app.store.write
    .updateTable('users')
    .set({ lock_created_at: now, lock_expires_at: now + HOUR })
    .where('project_id', '=', project.id)
    .where('user_id', '=', user_id)
    .execute()
}
