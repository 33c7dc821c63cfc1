/** Whose passwords are in an environment: changed only while there are none, whatever else happens at that moment. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storePassword } from '../../../src/domain/passwords/password.ts'
import { holdPasswordMode, updateEnvironment } from '../../../src/domain/projects/environment.ts'
import { Refusal } from '../../../src/errors.ts'
import { refuse, succeed } from '../../support/call.ts'
import { newAddress } from '../../support/links.ts'
import { hashed, modes, passwordScene, sharePasswords } from '../../support/member_passwords.ts'
import { membersOf } from '../../support/members.ts'
import { environmentOf } from '../../support/organizations.ts'
import { happeningAfter, strong } from '../../support/passwords.ts'
import { oneWayOrTheOther } from '../../support/waiting.ts'
import { type Engine, onBothEngines } from '../../support/world.ts'

const inUse = 'cannot_toggle_cross_org_passwords_when_password_in_use'

async function scene(engine: Engine, mode: (typeof modes)[number]) {
  const base = await passwordScene(engine, mode)
  const { here, project } = base
  const next = mode === 'member'
  return {
    ...base,
    next,
    /** Changes whose passwords are; the type of the refusal, if it is refused. */
    toggle: () =>
      sharePasswords(here, project, next).then(
        () => undefined,
        (error) => (error instanceof Refusal ? error.error_type : Promise.reject(error)),
      ),
    owners: async () => {
      const { app } = here
      const rows = app.store.read.selectFrom('passwords').select('owner_id').where('project_id', '=', project.id)
      return (await rows.execute()).map(({ owner_id }) => owner_id as string)
    },
    isShared: async () => (await environmentOf(here, project)).settings.cross_org_passwords_enabled,
  }
}

onBothEngines('whose passwords are', (engine) => {
  test('is changed through the management API while nobody has one, and stays while somebody has', async () => {
    const { here, project, withPassword, set, owners } = await scene(engine, 'member')
    const { member_id, member_password_id, organization_id } = await withPassword()
    const [cross, single] = [{ cross_org_passwords_enabled: true }, { cross_org_passwords_enabled: false }]
    await refuse(here, here.workspace, `PATCH ${project.path}`, { name: 'Other', ...cross }, 400, inUse)
    const { environment } = await succeed(here, here.workspace, `GET ${project.path}`)
    assert.notEqual(environment.name, 'Other')
    await succeed(here, here.workspace, `PATCH ${project.path}`, single)
    await succeed(here, project, `DELETE ${membersOf({ organization_id })}/passwords/${member_password_id}`)
    await succeed(here, here.workspace, `PATCH ${project.path}`, cross)
    await withPassword()
    await refuse(here, here.workspace, `PATCH ${project.path}`, single, 400, inUse)
    await set(cross)
    assert.ok(!(await owners()).includes(member_id))
  })

  for (const mode of modes) {
    test(`a password that is being chosen while it changes is not stored, and the link stays (first of one ${mode})`, async () => {
      const { here, project, ask, ok, no, member, mailReset, toggle, owners, login } = await scene(engine, mode)
      const known = await member()
      const { password_reset_token } = await mailReset(known.email_address)
      const body = { password_reset_token, password: strong }
      await happeningAfter(here, 'hash', toggle, async () => {
        const { status, body: answer } = await ask('reset', body)
        assert.deepEqual([status, answer.error_type], [503, 'server_unavailable'])
      })
      assert.deepEqual(await owners(), [])
      const { member: shown } = await ok('reset', body)
      assert.notEqual(shown.member_password_id, '')
      await ok('authenticate', login(known))
      await no('migrate', { ...login(known), ...hashed(strong) }, [400, 'password_already_exists'])
      assert.ok(await environmentOf(here, project))
    })

    test(`it waits for a password that is being stored, and is refused then (first of one ${mode})`, async () => {
      const { here, project, toggle, owners, isShared, next } = await scene(engine, mode)
      const environment = await environmentOf(here, project)
      let waiting: ReturnType<typeof toggle> | undefined
      await here.app.transaction(async (app) => {
        await holdPasswordMode(app, environment)
        waiting = toggle()
        await oneWayOrTheOther(waiting)
        const password = { password_id: 'x', scheme: 'argon_2id', hash: 'x', accepted_by: '' } as const
        await storePassword(app, { project_id: project.id, owner_id: 'x', ...password })
      })
      assert.equal(await waiting, inUse)
      assert.deepEqual([await owners(), await isShared()], [['x'], !next])
    })

    test(`many at once: what is stored is of the kind that counts in the end (first of one ${mode})`, async () => {
      for (let round = 0; round < 4; round++) {
        const { ask, organization_id, toggle, owners, isShared, next } = await scene(engine, mode)
        const migrate = () => ask('migrate', { organization_id, email_address: newAddress(), ...hashed(strong) })
        const [, toggled] = await Promise.all([
          Promise.all(Array.from({ length: 5 }, migrate)),
          toggle(),
          Promise.all(Array.from({ length: 5 }, migrate)),
        ])
        assert.equal(await isShared(), toggled === undefined ? next : !next)
        for (const owner of await owners()) assert.equal(owner.includes('@'), await isShared())
      }
    })
  }

  test('a change of other settings is not held up by passwords', async () => {
    const { here, project, withPassword } = await scene(engine, 'member')
    await withPassword()
    await updateEnvironment(here.app, project.id, { user_lock_threshold: 5, cross_org_passwords_enabled: false })
  })
})
