/** Members taking turns: what is held cannot change, and what was deleted is noticed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { changeMember, createMember, holdMember, takeMemberTurn } from '../../../src/domain/members/member.ts'
import { deleteMember } from '../../../src/domain/members/removal.ts'
import type { Member } from '../../../src/domain/members/row.ts'
import { getOrganization } from '../../../src/domain/organizations/reference.ts'
import { Refusal } from '../../../src/errors.ts'
import { WriteConflict } from '../../../src/store/store.ts'
import { succeed } from '../../support/call.ts'
import { give, newMember, organizationIn, readMember, stored } from '../../support/members.ts'
import { environmentOf } from '../../support/organizations.ts'
import { onBothEngines } from '../../support/world.ts'

onBothEngines('members taking turns', (engine) => {
  test('a turn shows the member as the one before has left it', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const known = await stored(here, project, member_id)
    assert.deepEqual(await here.app.transaction((app) => takeMemberTurn(app, known)), known)
    await give(here, project, member_id, { name: 'Ada' })
    const turn = await here.app.transaction((app) => takeMemberTurn(app, known))
    assert.deepEqual([turn.name, turn.version], ['Ada', known.version + 1])
    assert.equal(await here.app.transaction((app) => holdMember(app, known)), turn.version)
  })

  test('whoever was deleted meanwhile gets no turn and no change', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const known = await stored(here, project, member_id)
    await deleteMember(here.app, await environmentOf(here, project), known)
    await assert.rejects(
      here.app.store.transaction((store) => takeMemberTurn({ ...here.app, store }, known)),
      WriteConflict,
    )
    await assert.rejects(
      changeMember(here.app, known, (_, member) => ({ ...member, name: 'Ada' })),
      (error) => error instanceof Refusal && error.error_type === 'member_not_found',
    )
    assert.equal((await readMember(here, project, { member_id })).name, '')
  })

  test('a change that changes nothing writes nothing', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const known = await stored(here, project, member_id)
    await changeMember(here.app, known, (_, member) => member)
    assert.deepEqual(await stored(here, project, member_id), known)
  })

  test('a change begins once it holds the member, so that nothing else is locked before', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const { member_id } = await newMember(here, project, organization)
    const known = await stored(here, project, member_id)
    let began = 0
    const rename = (_: unknown, member: Member) => {
      began += 1
      return { ...member, name: 'Ada' }
    }
    const { changing } = await here.app.transaction(async (app) => {
      await takeMemberTurn(app, known)
      const changing = changeMember(here.app, known, rename)
      await pause(50)
      assert.equal(began, 0)
      return { changing }
    })
    assert.equal((await changing).name, 'Ada')
    assert.equal(began, 1)
  })

  test('nobody joins an organization that is being deleted', async () => {
    const { here, project, organization } = await organizationIn(engine)
    const environment = await environmentOf(here, project)
    const known = await getOrganization(here.app, environment, organization.organization_id)
    const join = (index: number) =>
      createMember(here.app, environment, known, { email_address: `${index}@example.com`, status: 'active' })
    await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, index) => join(index)),
      succeed(here, project, `DELETE /v1/b2b/organizations/${organization.organization_id}`),
      ...Array.from({ length: 10 }, (_, index) => join(10 + index)),
    ])
    const left = await here.app.store.read
      .selectFrom('members')
      .select('member_id')
      .where('project_id', '=', project.id)
      .execute()
    assert.deepEqual(left, [])
    await assert.rejects(join(99), (error) => error instanceof Refusal && error.error_type === 'organization_not_found')
  })
})
