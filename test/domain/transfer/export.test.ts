/** Exporting everybody of an environment, so that another installation can take all of them over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportRecords } from '../../../src/domain/transfer/export.ts'
import { succeed } from '../../support/call.ts'
import { newMember, readMember } from '../../support/members.ts'
import { newOrganization, setB2bPolicy } from '../../support/organizations.ts'
import { strong } from '../../support/passwords.ts'
import { enrol } from '../../support/totp.ts'
import { example, exportLines, importLines, recordsOf } from '../../support/transfer.ts'
import { defineRoles, newUser, provenUser } from '../../support/users.ts'
import {
  type Credentials,
  type Engine,
  onBothEngines,
  type TestProject,
  type World,
  world,
} from '../../support/world.ts'

const other: Record<Engine, Engine> = { sqlite: 'postgres', postgres: 'sqlite' }

/** Takes an export over into a project of the other engine, and expects its export to be the same. */
async function takeOver(lines: string[], there: World, project: Credentials): Promise<void> {
  const rehearsal = await importLines(there, project, lines, { dry_run: true })
  assert.deepEqual(rehearsal.problems, [])
  const { problems, counts } = await importLines(there, project, lines)
  assert.deepEqual(problems, [])
  assert.equal(counts.user.added + counts.organization.added + counts.member.added, lines.length)
  // PostgreSQL may order ids in another way.
  assert.deepEqual((await exportLines(there, project)).sort(), lines.toSorted())
}

async function consumer(engine: Engine): Promise<{ here: World; project: TestProject }> {
  const here = await world(engine)
  const project = await here.project()
  await defineRoles(here, project, 'editor')
  return { here, project }
}

async function b2b(engine: Engine): Promise<{ here: World; project: TestProject }> {
  const here = await world(engine)
  const project = await here.project('B2B')
  await setB2bPolicy(here, project, { custom_roles: [{ role_id: 'editor', description: '', permissions: [] }] })
  return { here, project }
}

onBothEngines('exporting', (engine) => {
  test('users taken over by the other engine are the same there, and log in with password and app', async () => {
    const { here, project } = await consumer(engine)
    await importLines(here, project, example('import_users'))
    const email = 'own@example.com'
    const { user_id } = await succeed(here, project, 'POST /v1/passwords', { email, password: strong })
    const app = await enrol(here, project, user_id)
    await succeed(here, project, 'POST /v1/totps/authenticate', { user_id, totp_code: app.code() })
    await newUser(here, project, { roles: ['editor'], external_id: 'x|y', untrusted_metadata: { a: '"\\\n' } })
    // An app that waits for its first code is nobody's factor yet, and a contact that waits may be somebody else's.
    const waiting = await newUser(here, project)
    await enrol(here, project, waiting.user_id)
    const proven = await provenUser(here, project)
    await succeed(here, project, 'POST /v1/otps/sms/send', { phone_number: '+14155550199', user_id: proven })

    const lines = await exportLines(here, project)
    const exported = recordsOf(lines.join('\n'))
    assert.equal(exported.length, 15)
    const own = exported.find((record) => record.user_id === user_id)
    assert.deepEqual(exported.find((record) => record.user_id === proven).phone_numbers, [])
    assert.deepEqual(own.totp, { totp_id: app.totp_id, secret: app.secret, recovery_codes: app.recovery_codes })
    assert.match(own.password.hash, /^\$argon2id\$/)
    assert.equal(exported.find((record) => record.user_id === waiting.user_id).totp, undefined)

    const target = await consumer(other[engine])
    await takeOver(lines, target.here, target.project)
    const login = { email, password: strong }
    const { user } = await succeed(target.here, target.project, 'POST /v1/passwords/authenticate', login)
    assert.equal(user.user_id, user_id)
    const recover = { user_id, recovery_code: app.recovery_codes[0] }
    await succeed(target.here, target.project, 'POST /v1/totps/recover', recover)
  })

  test('organizations and members taken over by the other engine are the same there, the deleted ones too', async () => {
    const { here, project } = await b2b(engine)
    await importLines(here, project, example('import'))
    const organization = await newOrganization(here, project, {
      organization_name: 'Initech',
      claimed_email_domains: ['initech.example'],
      email_allowed_domains: ['initech.example', 'initech.test'],
      email_jit_provisioning: 'RESTRICTED',
      email_invites: 'ALL_ALLOWED',
      mfa_methods: 'RESTRICTED',
      allowed_mfa_methods: ['totp'],
      allowed_oauth_tenants: { slack: ['T1'] },
      rbac_email_implicit_role_assignments: [{ domain: 'initech.example', role_id: 'editor' }],
    })
    const { organization_id } = organization
    const path = `/v1/b2b/organizations/${organization_id}/members`
    const moved = await newMember(here, project, organization, { roles: ['editor'] })
    await succeed(here, project, `PUT ${path}/${moved.member_id}`, { email_address: 'moved@initech.example' })
    const deleted = await newMember(here, project, organization, { external_id: 'gone' })
    await succeed(here, project, `DELETE ${path}/${deleted.member_id}`)
    // A member elsewhere of a domain that is claimed by now.
    const [elsewhere] = example('import').filter(({ type }) => type === 'member')
    await importLines(here, project, [
      {
        ...elsewhere,
        external_id: null,
        member_id: moved.member_id.replace(/....$/, '0000'),
        email_address: 'e@initech.example',
      },
    ])

    const lines = await exportLines(here, project)
    assert.equal(lines.length, 10)
    const target = await b2b(other[engine])
    await takeOver(lines, target.here, target.project)
    for (const { member_id } of [moved, deleted]) {
      assert.deepEqual(
        await readMember(target.here, target.project, { member_id }),
        await readMember(here, project, { member_id }),
      )
    }
    const { organization: same } = await succeed(
      target.here,
      target.project,
      `GET /v1/b2b/organizations/${organization_id}`,
    )
    const { organization: original } = await succeed(here, project, `GET /v1/b2b/organizations/${organization_id}`)
    assert.deepEqual(same, original)
  })

  test('without credentials there is nothing secret in it, and what is left can be imported', async () => {
    for (const [make, name] of [
      [consumer, 'import_users'],
      [b2b, 'import'],
    ] as const) {
      const { here, project } = await make(engine)
      await importLines(here, project, example(name))
      const lines = await exportLines(here, project, { with_credentials: false })
      assert.doesNotMatch(lines.join('\n'), /hash|secret|recovery|"password"|"totp"[:}]/)
      const target = await make(engine)
      assert.deepEqual((await importLines(target.here, target.project, lines)).problems, [])
    }
  })

  test('an export is of one moment: what is added or deleted meanwhile does not tear it', async () => {
    const { here, project } = await b2b(engine)
    const lines = [
      { type: 'organization', organization_name: 'Acme', organization_slug: 'acme' },
      ...Array.from({ length: 600 }, (_, n) => ({
        type: 'member',
        organization_id: 'acme',
        email_address: `m${n}@acme.example`,
      })),
    ]
    await importLines(here, project, lines)
    const { organization } = await succeed(here, project, 'GET /v1/b2b/organizations/acme')
    let text = ''
    const counts = await exportRecords(here.app, project.id, { with_credentials: true }, async (more) => {
      if (text === '') {
        await succeed(here, project, `DELETE /v1/b2b/organizations/${organization.organization_id}`)
        const late = await newOrganization(here, project, { organization_slug: 'late' })
        await newMember(here, project, late)
      }
      text += more
    })
    assert.deepEqual(counts, { user: 0, organization: 1, member: 600 })
    assert.equal(recordsOf(text).length, 601)
    assert.doesNotMatch(text, /late/)
  })
})
