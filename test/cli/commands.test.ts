/** The administrative commands, run beside a server on the same database. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Command } from 'commander'
import { program } from '../../src/cli/cli.ts'
import { systemClock } from '../../src/clock.ts'
import { readConfig, variables } from '../../src/config.ts'
import { findEnvironment } from '../../src/domain/projects/environment.ts'
import { createLog } from '../../src/http/log.ts'
import { openExisting } from '../../src/installation.ts'
import { ask, credentialsIn, inParallel, newDirectory, run, runJson, type Served, serve } from '../support/program.ts'

const env = { SELVAGE_DATA_DIR: newDirectory() }
let server: Served
let project: { project_id: string; secret: string }

before(async () => {
  assert.deepEqual(await runJson(['migrate'], env), {
    initialised: true,
    credentials_path: `${env.SELVAGE_DATA_DIR}/credentials.json`,
  })
  server = await serve(env)
  project = credentialsIn(env.SELVAGE_DATA_DIR).consumer
})

after(() => server.stop())

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

test('every command says what it does, and what each of its options does', () => {
  const all = everyCommand(program())
  assert.ok(all.length >= 15)
  for (const command of all) {
    assert.ok(command.description().length > 20, command.name())
    // Commander breaks lines where they get long.
    const help = command.helpInformation().replace(/\s+/g, ' ')
    assert.ok(help.includes(command.description()), command.name())
    for (const { long, description } of command.options) assert.ok(description.length > 10, `${command.name()} ${long}`)
    if (command.commands.length === 0) assert.match(help, /--json/, command.name())
  }
})

// Two at a time: starting a process is most of the work.
describe('commands', { concurrency: 2 }, () => {
  test('the help names every environment variable', async () => {
    const { status, stdout } = await run(['--help'], env)
    assert.equal(status, 0)
    for (const [name] of variables) assert.match(stdout, new RegExp(`\\n  ${name} +\\S`))
  })

  test('what is unknown is refused in one sentence, with status 1', async () => {
    const nobody = 'project-test-00000000-0000-4000-8000-000000000000'
    const refused: [string[], RegExp][] = [
      [['project', 'create', ' '], /^A project needs a name\.$/],
      [['project', 'create', 'x', '--slug', 'B2B'], /^A project slug is /],
      [['project', 'create', 'x', '--slug', 'b2b-project'], /^The project slug b2b-project is taken\.$/],
      [['secret', 'list', nobody], /^There is no environment project-test-0{8}/],
      [
        ['secret', 'delete', project.project_id, nobody.replace('project', 'secret-id')],
        /^Secret could not be found\.$/,
      ],
      [['keys', 'rotate', nobody, '--json'], /^There is no environment/],
      [['user', 'unlock', nobody, 'ada'], /^There is no environment/],
      [['user', 'unlock', project.project_id, 'nobody'], /^User could not be found\.$/],
      [['user', 'unlock', project.project_id, 'user-test-x'], /^user_id format is invalid\.$/],
      [
        ['user', 'unlock', credentialsIn(env.SELVAGE_DATA_DIR).b2b.project_id, 'ada'],
        /^The project of .* has no users\.$/,
      ],
      [['member', 'unlock', project.project_id, 'ada'], /^The project of .* has no members\.$/],
      [['member', 'unlock', credentialsIn(env.SELVAGE_DATA_DIR).b2b.project_id, 'ada'], /format is invalid\.$/],
      [['project', 'sandbox', 'on', nobody], /^There is no environment/],
    ]
    await inParallel(
      2,
      refused.map(([args, says]) => async () => {
        const { status, stdout, stderr } = await run(args, env)
        assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, stderr)
        assert.match(stderr, /^selvage: [^\n]+\.\n$/)
        assert.match(stderr.slice('selvage: '.length, -1), says)
      }),
    )
    const misspelt = await run(['secret', 'remove'], env)
    assert.deepEqual([misspelt.status, misspelt.stdout], [1, ''])
    assert.match(misspelt.stderr, /unknown command 'remove'/)
  })

  test('a secret counts on a running server from its creation to its deletion, and listing never shows it', async () => {
    const { secret_id, secret } = await runJson(['secret', 'create', project.project_id], env)
    const caller = { project_id: project.project_id, secret }
    assert.equal((await ask(server.url, caller, 'GET /v1/debug/whoami')).status, 200)
    const listed = await run(['secret', 'list', project.project_id, '--json'], env)
    assert.ok(!listed.stdout.includes(secret))
    const { secrets } = JSON.parse(listed.stdout)
    const mine = secrets.find((entry: { secret_id: string }) => entry.secret_id === secret_id)
    assert.deepEqual(Object.keys(mine), ['secret_id', 'last_four', 'created_at', 'used_at'])
    assert.equal(mine.last_four, secret.slice(-4))
    assert.deepEqual(await runJson(['secret', 'delete', project.project_id, secret_id], env), { deleted: secret_id })
    assert.equal((await ask(server.url, caller, 'GET /v1/debug/whoami')).status, 401)
  })

  test('a project is created with two environments, listed, and served once it has a secret', async () => {
    const created = await runJson(['project', 'create', 'Zoë’s Shop', '--vertical', 'b2b'], env)
    assert.deepEqual(Object.keys(created), ['project_slug', 'name', 'vertical', 'live', 'test'])
    const { projects } = await runJson(['project', 'list'], env)
    const listed = projects.find(({ project_slug }: { project_slug: string }) => project_slug === created.project_slug)
    assert.deepEqual(listed, {
      project_slug: created.project_slug,
      name: 'Zoë’s Shop',
      vertical: 'B2B',
      environments: [
        { environment_slug: 'production', type: 'LIVE', project_id: created.live },
        { environment_slug: 'test', type: 'TEST', project_id: created.test },
      ],
    })
    const { secret } = await runJson(['secret', 'create', created.live], env)
    const { body } = await ask(server.url, { project_id: created.live, secret }, 'GET /v1/users/x')
    assert.equal(body.error_type, 'invalid_consumer_endpoint')
  })

  test('the sandbox is switched for test environments only, and changes no other setting', async () => {
    const { live, test } = await runJson(['project', 'create', 'Sandboxed'], env)
    const settings = async (project_id: string) => {
      const { app, close } = await openExisting(readConfig(env), createLog('silent'), systemClock)
      const environment = await findEnvironment(app, project_id)
      await close()
      return environment?.settings
    }
    const before = await settings(test)
    assert.equal(before?.sandbox_enabled, false)
    const { secret } = await runJson(['secret', 'create', test], env)
    // The running server sees each switch with its next call.
    const status = async () => {
      const body = { token: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=' }
      return (await ask(server.url, { project_id: test, secret }, 'POST /v1/magic_links/authenticate', body)).status
    }
    assert.equal(await status(), 404)
    const switched = await runJson(['project', 'sandbox', 'on', test], env)
    assert.deepEqual(switched, { project_id: test, sandbox_enabled: true })
    assert.deepEqual(await settings(test), { ...before, sandbox_enabled: true })
    assert.equal(await status(), 200)
    const { stdout } = await run(['project', 'sandbox', 'off', test], env)
    assert.equal(stdout, `The sandbox of ${test} is off.\n`)
    assert.deepEqual(await settings(test), before)
    assert.equal(await status(), 404)

    const refused = await run(['project', 'sandbox', 'on', live, '--json'], env)
    assert.deepEqual([refused.status, refused.stdout], [1, ''])
    assert.match(refused.stderr, /^selvage: A live environment has no sandbox: [^\n]+\n$/)
    assert.equal((await settings(live))?.sandbox_enabled, false)
    const neither = await run(['project', 'sandbox', 'maybe', test], env)
    assert.equal(neither.status, 1)
    assert.match(neither.stderr, /Allowed choices are on, off/)
  })

  test('a user is unlocked, by id or external id, locked or not', async () => {
    const { body } = await ask(server.url, project, 'POST /v1/users', { email: 'ada@example.com', external_id: 'ada' })
    const { user_id } = body
    assert.deepEqual(await runJson(['user', 'unlock', project.project_id, user_id], env), { unlocked: user_id })
    const { stdout } = await run(['user', 'unlock', project.project_id, 'ada'], env)
    assert.equal(stdout, `Unlocked ${user_id}.\n`)
  })

  test('a member is unlocked, by id, locked or not', async () => {
    const { b2b } = credentialsIn(env.SELVAGE_DATA_DIR)
    const organization = { organization_name: 'Acme' }
    const { organization_id } = (await ask(server.url, b2b, 'POST /v1/b2b/organizations', organization)).body
      .organization
    const route = `POST /v1/b2b/organizations/${organization_id}/members` as const
    const { member_id } = (await ask(server.url, b2b, route, { email_address: 'ada@example.com' })).body
    assert.deepEqual(await runJson(['member', 'unlock', b2b.project_id, member_id], env), { unlocked: member_id })
  })

  test('a rotated key is published at once; one rotated at once is alone', async () => {
    const { project_id } = project
    const published = async () => {
      const { body } = await ask(server.url, project, `GET /v1/sessions/jwks/${project_id}`)
      return body.keys.map(({ kid }: { kid: string }) => kid).sort()
    }
    const before = await published()
    const { kid, active_at } = await runJson(['keys', 'rotate', project_id], env)
    assert.ok(Math.abs(Date.parse(active_at) - Date.now() - 3_600_000) < 60_000)
    assert.deepEqual(await published(), [...before, kid].sort())
    const { keys } = await runJson(['keys', 'list', project_id], env)
    assert.deepEqual(
      keys.map((key: { kid: string; retired_at: string | null }) => [key.kid, key.retired_at === null]),
      [
        [before[0], false],
        [kid, true],
      ],
    )
    const urgent = await runJson(['keys', 'rotate', project_id, '--at-once'], env)
    assert.deepEqual(await published(), [urgent.kid])
  })

  test('migrating a database that is up to date says so', async () => {
    const { status, stdout } = await run(['migrate'], env)
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'The database schema is up to date.\n' })
  })
})
