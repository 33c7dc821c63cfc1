/** Messages are sent once as far as anybody can tell, again when nobody can, and never in silence not at all. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { buildApp } from '../../src/app.ts'
import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { createKeyring, newMasterKey, parseMasterKeys } from '../../src/crypto/keyring.ts'
import type { Channel } from '../../src/delivery/message.ts'
import { DeliveryError, type Outgoing, type Transport } from '../../src/delivery/transport.ts'
import type { App } from '../../src/domain/app.ts'
import type { Environment } from '../../src/domain/configuration/environment.ts'
import { maintain } from '../../src/domain/maintenance/maintenance.ts'
import { claimDue, deliver, dueChannels, waitingMessages } from '../../src/domain/messages/dispatch.ts'
import { listInbox, sendMessage } from '../../src/domain/messages/message.ts'
import type { MessageRow } from '../../src/domain/messages/table.ts'
import { createProjectWithEnvironments } from '../../src/domain/workspace/installation.ts'
import { createLog } from '../../src/http/log.ts'
import { openInstallation } from '../../src/installation.ts'
import { repeatDispatch } from '../../src/serving/dispatching.ts'
import { migrate } from '../../src/store/migrate.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/values/time.ts'
import { startSmtpServer } from '../fakes/smtp_server.ts'
import { newDirectory, serve } from '../support/program.ts'
import { type Engine, emptyDatabase, onBothEngines, openStore, preparedKeyPair, testConfig } from '../support/world.ts'

/** A carrier that keeps what it is given, then does as it is told. */
function carrier() {
  const taken: Outgoing[] = []
  const fake = {
    taken,
    behave: async (_message: Outgoing): Promise<void> => {},
    transport: {
      async send(message) {
        taken.push(message)
        await fake.behave(message)
      },
    } satisfies Transport,
  }
  return fake
}

/** Nodes on one database of their own, with one clock that stands still. */
async function nodes<const N extends number>(engine: Engine, count: N) {
  const { url, drop } = await emptyDatabase(engine)
  let offset = 0
  // Stands still, so that pauses can be told to the millisecond.
  const began = Date.now()
  const clock = {
    now: () => began + offset,
    advance(milliseconds: number) {
      offset += milliseconds
    },
  }
  const keyring = createKeyring(parseMasterKeys(newMasterKey()))
  const logged: string[] = []
  const apps: App[] = []
  const open = async () => {
    const store = await openStore(url)
    await migrate(store, clock.now())
    after(() => store.close())
    return store
  }
  // The embedded engine serves one process, in which two connections would wait for each other for ever.
  const embedded = engine === 'sqlite' ? await open() : undefined
  for (let node = 0; node < count; node++) {
    const store = embedded ?? (await open())
    const running = buildApp({
      config: testConfig(),
      store,
      keyring,
      log: createLog('debug', { write: (line) => logged.push(line) }),
      now: clock.now,
      new_key_pair: preparedKeyPair,
    })
    after(() => running.close())
    apps.push(running.app)
  }
  after(drop)
  const [app] = apps as [App, ...App[]]
  const { live, test } = await createProjectWithEnvironments(app, { name: 'Post', vertical: 'CONSUMER' })
  const environment = await environmentOf(app, live.project_id)
  return { apps, app, clock, logged, environment, test: await environmentOf(app, test.project_id) }
}

async function environmentOf(app: App, project_id: string): Promise<Environment> {
  return (await app.environment(project_id)) ?? assert.fail('The environment is gone.')
}

const to = 'ada@example.com'
const code = { template: 'otp_login', locale: 'en', code: '123456', minutes: 10 } as const

function queue(app: App, environment: Environment, change: { channel?: Channel; minutes?: number; to?: string } = {}) {
  const { channel = 'email', minutes = 10 } = change
  return app.transaction((app) =>
    sendMessage(app, environment, change.to ?? to, { ...code, links: [], channel, minutes }),
  )
}

/** Sends what is due now, and nothing that becomes due by that. */
async function round(app: App): Promise<number> {
  let sent = 0
  for (const channel of await dueChannels(app)) {
    const claimed = await claimDue(app, channel, 1000)
    sent += claimed.length
    await Promise.all(claimed.map((row) => deliver(app, row)))
  }
  return sent
}

async function rows(app: App): Promise<MessageRow[]> {
  return (await sql<MessageRow>`select * from messages order by created_at, message_id`.execute(app.store.write)).rows
}

async function onlyRow(app: App): Promise<MessageRow> {
  const [row, ...more] = await rows(app)
  assert.deepEqual(more, [])
  return row ?? assert.fail('There is no message.')
}

async function eventsOf(app: App, project_id: string) {
  const { rows } = await sql<{ subject_id: string; details: string }>`select * from events
    where project_id = ${project_id} and type = 'message.failed'`.execute(app.store.write)
  return rows
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, 'It does not come about.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const transient = () => new DeliveryError('The carrier is away.', false)

onBothEngines('dispatch', (engine) => {
  test('a message is sent right after the commit that queued it, then its content is erased', async () => {
    const { app: plain, environment } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    let woken = 0
    const wake_dispatcher = () => {
      woken++
      dispatching.wake()
    }
    const app: App = { ...plain, transports: { email: transport }, wake_dispatcher }
    const dispatching = repeatDispatch(app)
    await queue(app, environment)
    assert.equal(woken, 1)
    await until(async () => (await onlyRow(app)).state === 'sent')
    await dispatching.stop(1)
    const row = await onlyRow(app)
    assert.deepEqual([row.sealed_content, row.claim, row.problem, row.attempts], [null, null, null, 1])
    assert.equal(taken[0]?.words.subject, '123456 is your code for Post')
    assert.deepEqual(app.deliveries.get('email'), { sent: 1, retried: 0, failed: 0 })
  })

  test('a transaction that fails sends nothing and wakes nobody', async () => {
    const { app: plain, environment } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    let woken = 0
    const app: App = { ...plain, transports: { email: transport }, wake_dispatcher: () => void woken++ }
    await assert.rejects(
      app.transaction(async (app) => {
        await sendMessage(app, environment, to, { ...code, links: [], channel: 'email' })
        throw new Error('changed my mind')
      }),
      /changed my mind/,
    )
    assert.equal(await round(app), 0)
    assert.deepEqual([taken, woken, await rows(app)], [[], 0, []])
  })

  test('two nodes at the same hundred messages send each once', async () => {
    const { apps, environment } = await nodes(engine, 2)
    const carriers = apps.map(carrier)
    const running = apps.map((app, node) => ({ ...app, transports: { email: carriers[node]?.transport } }))
    const [first] = running as [App, ...App[]]
    await Promise.all(Array.from({ length: 100 }, (_, n) => queue(first, environment, { to: `${n}@example.com` })))
    const dispatching = running.map((app) => repeatDispatch(app))
    await until(async () => {
      for (const { wake } of dispatching) wake()
      return (await waitingMessages(first)).length === 0
    })
    await Promise.all(dispatching.map(({ stop }) => stop(5)))
    const recipients = carriers.flatMap(({ taken }) => taken.map(({ to }) => to))
    assert.equal(recipients.length, 100)
    assert.equal(new Set(recipients).size, 100)
    assert.ok((await rows(first)).every(({ state, attempts }) => state === 'sent' && attempts === 1))
  })

  test('a hundred claims of one message at once: one gets it', async () => {
    const { apps, environment } = await nodes(engine, 2)
    const running = apps.map((app) => ({ ...app, transports: { email: carrier().transport } }))
    await queue(running[0] as App, environment)
    const claims = await Promise.all(Array.from({ length: 100 }, (_, n) => claimDue(running[n % 2] as App, 'email', 5)))
    assert.equal(claims.flat().length, 1)
  })

  test('a node that dies after its claim leaves the message to another, once the claim has run out', async () => {
    const { apps, environment, clock } = await nodes(engine, 2)
    const { taken, transport } = carrier()
    const [dying, other] = apps.map((app) => ({ ...app, transports: { email: transport } })) as [App, App]
    await queue(dying, environment)
    assert.equal((await claimDue(dying, 'email', 10)).length, 1)
    clock.advance(2 * MINUTE - 1)
    assert.equal(await round(other), 0)
    clock.advance(1)
    assert.equal(await round(other), 1)
    assert.equal(taken.length, 1)
    assert.equal((await onlyRow(other)).state, 'sent')
  })

  test('a node that dies between the sending and our writing so: the same message goes out again', async () => {
    const { apps, environment, clock, logged } = await nodes(engine, 2)
    const { taken, transport } = carrier()
    let revive = () => {}
    const hang = {
      send: (message: Outgoing) => {
        taken.push(message)
        return new Promise<void>((resolve) => {
          revive = resolve
        })
      },
    }
    const [dying, other] = apps as [App, App]
    const hanging: App = { ...dying, transports: { email: hang } }
    await queue(hanging, environment)
    const [row] = await claimDue(hanging, 'email', 10)
    const dead = deliver(hanging, row as MessageRow)
    clock.advance(2 * MINUTE)
    assert.equal(await round({ ...other, transports: { email: transport } }), 1)
    assert.equal(taken.length, 2)
    assert.deepEqual(taken[0], taken[1])
    // It was only slow: what it has to say counts no more.
    revive()
    await dead
    const { state, attempts } = await onlyRow(other)
    assert.deepEqual([state, attempts], ['sent', 2])
    assert.ok(logged.some((line) => /may be sent twice/.test(line)))
  })

  test('pauses grow from attempt to attempt, and the message is still the same', async () => {
    const { app: plain, environment, clock } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    let away = true
    const app: App = {
      ...plain,
      transports: {
        email: {
          send: async (message) => {
            await transport.send(message)
            if (away) throw transient()
          },
        },
      },
    }
    await queue(app, environment, { minutes: 7 * 24 * 60 })
    for (const [attempt, pause] of [
      SECOND,
      5 * SECOND,
      30 * SECOND,
      2 * MINUTE,
      10 * MINUTE,
      30 * MINUTE,
      HOUR,
      HOUR,
    ].entries()) {
      assert.equal(await round(app), 1)
      const { next_attempt_at, state, attempts, problem } = await onlyRow(app)
      assert.deepEqual([state, attempts, problem], ['waiting', attempt + 1, 'The carrier is away.'])
      const waits = next_attempt_at - clock.now()
      assert.ok(waits >= pause * 0.8 && waits <= pause * 1.2, `${waits} after attempt ${attempt + 1}`)
      clock.advance(waits - 1)
      assert.equal(await round(app), 0)
      clock.advance(1)
    }
    away = false
    assert.equal(await round(app), 1)
    assert.equal((await onlyRow(app)).state, 'sent')
    for (const message of taken) assert.deepEqual(message, taken[0])
    assert.deepEqual(app.deliveries.get('email'), { sent: 1, retried: 8, failed: 0 })
  })

  test('a code is tried to its end, never after it, and given up where operators look', async () => {
    const { app: plain, environment, clock, logged } = await nodes(engine, 1)
    const fake = carrier()
    fake.behave = async () => {
      throw transient()
    }
    const app: App = { ...plain, transports: { email: fake.transport } }
    const began = clock.now()
    await queue(app, environment, { minutes: 2 })
    while ((await onlyRow(app)).state === 'waiting') {
      await round(app)
      clock.advance(500)
      assert.ok(clock.now() - began < 3 * MINUTE)
    }
    assert.ok(clock.now() - began <= 2 * MINUTE)
    assert.ok(fake.taken.length >= 6, String(fake.taken.length))
    const row = await onlyRow(app)
    assert.deepEqual([row.state, row.problem, row.sealed_content], ['failed', 'The carrier is away.', null])
    const [event, ...more] = await eventsOf(app, environment.project_id)
    assert.deepEqual(more, [])
    assert.equal(event?.subject_id, row.message_id)
    assert.deepEqual(JSON.parse(event?.details ?? ''), {
      channel: 'email',
      template: 'otp_login',
      attempts: row.attempts,
      reason: 'The carrier is away.',
    })
    const complaint = logged.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'A message was given up.')
    assert.equal(complaint.level, 50)
    assert.deepEqual(
      [complaint.message_id, complaint.project_id, complaint.reason],
      [row.message_id, environment.project_id, row.problem],
    )
    assert.doesNotMatch(logged.join('\n'), /ada@example|123456/)
  })

  test('a code that expired while nobody could send is not sent', async () => {
    const { app: plain, environment, clock } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    const app: App = { ...plain, transports: { email: transport } }
    await queue(app, environment)
    clock.advance(10 * MINUTE)
    assert.equal(await round(app), 1)
    const { state, problem, sealed_content } = await onlyRow(app)
    assert.deepEqual([state, problem, sealed_content], ['failed', 'It expired. Nothing had sent it in time.', null])
    assert.deepEqual(taken, [])
    assert.equal((await eventsOf(app, environment.project_id)).length, 1)
  })

  test('a final refusal ends it at once; a recipient who takes nothing is not written to for a day', async () => {
    const { app: plain, environment, clock } = await nodes(engine, 1)
    const fake = carrier()
    fake.behave = async ({ to }) => {
      throw new DeliveryError('Refused for good.', true, to === 'gone@example.com')
    }
    const app: App = { ...plain, transports: { email: fake.transport } }
    await queue(app, environment)
    await queue(app, environment, { to: 'gone@example.com' })
    assert.equal(await round(app), 2)
    assert.ok((await rows(app)).every(({ state, attempts }) => state === 'failed' && attempts === 1))
    await queue(app, environment)
    await assert.rejects(queue(app, environment, { to: 'gone@example.com' }), { error_type: 'inactive_email' })
    clock.advance(DAY)
    await queue(app, environment, { to: 'gone@example.com' })
  })

  test('an error that a carrier should not throw is one to try again, and repeats nothing', async () => {
    const { app: plain, environment, logged } = await nodes(engine, 1)
    const send = () => {
      throw new TypeError('cannot read 123456 of ada@example.com')
    }
    const app: App = { ...plain, transports: { email: { send } } }
    await queue(app, environment)
    assert.equal(await round(app), 1)
    const { state, problem } = await onlyRow(app)
    assert.deepEqual([state, problem], ['waiting', 'Unexpected: TypeError.'])
    assert.doesNotMatch(logged.join('\n'), /ada@example|123456/)
  })

  test('a message whose transport was taken away waits for it to come back', async () => {
    const { app, environment, clock } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    const before: App = { ...app, transports: { email: transport } }
    await queue(before, environment)
    assert.equal(await round(app), 1)
    assert.match((await onlyRow(app)).problem ?? '', /No transport for email/)
    clock.advance(2 * SECOND)
    assert.equal(await round(before), 1)
    assert.equal(taken.length, 1)
  })

  test('a carrier that hangs holds up neither the others nor the end of the server', async () => {
    const { app: plain, environment } = await nodes(engine, 1)
    const texts = carrier()
    const app: App = {
      ...plain,
      transports: { email: { send: () => new Promise(() => {}) }, sms: texts.transport },
    }
    for (let n = 0; n < 25; n++) await queue(app, environment, { to: `${n}@example.com` })
    for (let n = 0; n < 25; n++) await queue(app, environment, { channel: 'sms', to: `+141555501${10 + n}` })
    const dispatching = repeatDispatch(app)
    await until(() => texts.taken.length === 25)
    const claimed = (await rows(app)).filter(({ channel, claim }) => channel === 'email' && claim !== null)
    assert.equal(claimed.length, 10)
    const began = performance.now()
    await dispatching.stop(0)
    assert.ok(performance.now() - began < 4000)
  })

  test('the end of the server waits for messages on their way', async () => {
    const { app: plain, environment } = await nodes(engine, 1)
    const fake = carrier()
    fake.behave = () => new Promise((resolve) => setTimeout(resolve, 150))
    const app: App = { ...plain, transports: { email: fake.transport } }
    for (let n = 0; n < 10; n++) await queue(app, environment)
    const dispatching = repeatDispatch(app)
    await until(() => fake.taken.length === 10)
    await dispatching.stop(10)
    assert.ok((await rows(app)).every(({ state }) => state === 'sent'))
  })

  test('test environments use the inbox where nothing would send, or always', async () => {
    const { app: plain, environment, test } = await nodes(engine, 1)
    const { taken, transport } = carrier()
    const auto: App = { ...plain, transports: { email: transport } }
    const delivery = { ...plain.settings.delivery, test_inbox: 'always' as const }
    const always: App = { ...auto, settings: { ...plain.settings, delivery } }
    await queue(auto, test, { channel: 'sms', to: '+14155550123' })
    await queue(always, test, { to: 'inbox@example.com' })
    await queue(auto, test)
    await queue(always, environment)
    await round(auto)
    assert.deepEqual(
      taken.map(({ project_id, to }) => [project_id, to]).sort(),
      [
        [environment.project_id, to],
        [test.project_id, to],
      ].sort(),
    )
    const inbox = await listInbox(auto, { project_id: test.project_id, limit: 10 })
    assert.deepEqual(inbox.map(({ to }) => to).sort(), ['+14155550123', 'inbox@example.com'])
  })

  test('records are purged in their time, and what still waits is not', async () => {
    const { app: plain, environment, test, clock } = await nodes(engine, 1)
    const { transport } = carrier()
    const app: App = { ...plain, transports: { email: transport } }
    await queue(app, environment)
    await round(app)
    await queue(app, environment, { minutes: 7 * 24 * 60, to: 'later@example.com' })
    await queue(plain, test, { channel: 'sms', to: '+14155550123' })
    clock.advance(3 * DAY)
    await maintain(app, () => false)
    assert.equal((await rows(app)).length, 3)
    clock.advance(1)
    await maintain(app, () => false)
    assert.equal((await onlyRow(app)).recipient, 'later@example.com')
  })
})

onBothEngines('kill -9 while messages are sent', (engine) => {
  test('what the mail server had taken unbeknown to the dead process comes again, with the same Message-ID', async () => {
    const { url, drop } = await emptyDatabase(engine)
    after(drop)
    const mail = await startSmtpServer()
    after(() => mail.stop())
    const env = {
      SELVAGE_DATA_DIR: newDirectory(),
      DATABASE_URL: url,
      SELVAGE_SMTP_URL: mail.url,
      SELVAGE_EMAIL_FROM: 'login@acme.example',
      SELVAGE_DEV_CLOCK: '1',
    }
    const operator = await openInstallation(readConfig(env), createLog('silent'), systemClock)
    after(() => operator.close())
    const { app, first } = operator
    const environment = await environmentOf(app, first?.consumer.project_id ?? '')

    mail.answer = 'take_and_hang'
    await queue(app, environment)
    const victim = await serve(env)
    await until(() => mail.received.length === 1)
    await victim.stop('SIGKILL')
    assert.equal((await onlyRow(app)).state, 'waiting')

    mail.answer = 'take'
    const heir = await serve(env)
    const { key_id, secret } = first?.workspace ?? assert.fail()
    const authorization = `Basic ${Buffer.from(`${key_id}:${secret}`).toString('base64')}`
    const moved = await fetch(`${heir.url}/dev/clock`, {
      method: 'POST',
      headers: { authorization },
      body: '{"advance_seconds": 121}',
    })
    assert.equal(moved.status, 200)
    await until(async () => (await onlyRow(app)).state === 'sent')
    assert.equal(mail.received.length, 2)
    const [before, again] = mail.received.map(({ email }) => [email.messageId, email.subject, email.text, email.date])
    assert.deepEqual(again, before)
    assert.equal((await heir.stop()).status, 0)
  })
})
