/** An import that is killed half-way and run again has everybody once. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { begin, credentialsIn, newDirectory, run } from '../support/program.ts'
import { example } from '../support/transfer.ts'
import { emptyDatabase, onBothEngines, openStore } from '../support/world.ts'

const [organization] = example('import')
const { password } = example('import_users')[0]
const people = 4000

const lines = [
  organization,
  ...Array.from({ length: people }, (_, n) => ({
    type: 'member',
    organization_id: 'acme',
    email_address: `m${n}@acme.example`,
    // Half of them can be found again by their address alone.
    ...(n % 2 ? { external_id: `m${n}` } : {}),
    ...(n % 5 ? { password } : { totp: { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' } }),
  })),
]

onBothEngines('kill -9 during an import', (engine) => {
  test('no member is there twice, none is missing, and none is half there', async () => {
    const { url, drop } = await emptyDatabase(engine)
    after(drop)
    const env = { SELVAGE_DATA_DIR: newDirectory(), DATABASE_URL: url }
    assert.equal((await run(['migrate'], env)).status, 0)
    const { project_id } = credentialsIn(env.SELVAGE_DATA_DIR).b2b
    const file = join(env.SELVAGE_DATA_DIR, 'members.jsonl')
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))

    const store = await openStore(url)
    const count = async (table: string) => {
      const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}
        where project_id = ${project_id}`.execute(store.read)
      return Number(rows[0]?.count)
    }
    for (const share of [0.2, 0.6]) {
      const { process, ended } = begin(['import', file, '--project', project_id], env)
      const killed = ended.then(({ signal }) => assert.equal(signal, 'SIGKILL'))
      while ((await count('members')) < share * people) await setTimeout(2)
      process.kill('SIGKILL')
      await killed
      const there = await count('members')
      assert.ok(there < people, 'it was killed before its end')
      // Whoever is there has everything.
      assert.equal((await count('passwords')) + (await count('totps')), there)
    }
    const before = await count('members')
    const { status, stdout } = await run(['import', file, '--project', project_id, '--json'], env)
    assert.equal(status, 0)
    const { members, organizations, problems } = JSON.parse(stdout)
    assert.deepEqual(members, { added: people - before, there: before })
    assert.deepEqual([organizations, problems], [{ added: 0, there: 1 }, 0])
    assert.deepEqual(
      [await count('members'), await count('passwords'), await count('totps'), await count('organizations')],
      [people, people * 0.8, people * 0.2, 1],
    )
    // Address and its id of each, external ids of half, a password or app of each; the organization's names.
    assert.equal(await count('identifiers'), people * 3.5 + 4)
    await store.close()
  })
})
