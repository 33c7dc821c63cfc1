/** GET /dev/messages. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECOND } from '../../../src/values/time.ts'
import { refuse, succeed } from '../../support/call.ts'
import { send } from '../../support/captured.ts'
import { onBothEngines, type World, world } from '../../support/world.ts'

onBothEngines('the messages in the inbox', (engine) => {
  /** What is listed for a query, as the recipients. */
  const recipients = async (here: World, query: string) => {
    const { messages } = await succeed(here, here.workspace, `GET /dev/messages?${query}`)
    return messages.map(({ to }: { to: string }) => to)
  }

  test('tell everything about a code and about links, the main one first', async () => {
    const here = await world(engine)
    const { id } = await here.project()
    await send(here, id, '+14155550123', { channel: 'sms', code: '018394', locale: 'es', template: 'otp_signup' })
    here.clock.advance(SECOND)
    const links = [
      { purpose: 'reset_password', url: 'https://auth.example.com/a', token: 'A' },
      { purpose: 'login', url: 'https://auth.example.com/b', token: 'B' },
    ] as const
    await send(here, id, 'ada@example.com', { template: 'reset_password', links: [...links] })
    const { messages } = await succeed(here, here.workspace, `GET /dev/messages?project_id=${id}`)
    assert.equal(messages.length, 2)
    const [mail, sms] = messages
    assert.deepEqual(
      { ...mail, message_id: '', subject: '', text: '', html: '', created_at: '' },
      {
        message_id: '',
        created_at: '',
        project_id: id,
        channel: 'email',
        to: 'ada@example.com',
        template: 'reset_password',
        locale: 'en',
        subject: '',
        text: '',
        html: '',
        url: 'https://auth.example.com/a',
        token: 'A',
        links,
      },
    )
    assert.ok(mail.subject && mail.text.includes('https://auth.example.com/a') && mail.html)
    assert.deepEqual(
      { ...sms, message_id: '', text: '', created_at: '' },
      {
        message_id: '',
        created_at: '',
        project_id: id,
        channel: 'sms',
        to: '+14155550123',
        template: 'otp_signup',
        locale: 'es',
        text: '',
        code: '018394',
        links: [],
      },
    )
    assert.match(sms.text, /018394/)
    assert.match(sms.message_id, /^message-test-/)
    assert.ok(mail.created_at > sms.created_at)
  })

  test('are listed newest first, of one recipient or one project, and no more than asked for', async () => {
    const here = await world(engine)
    const [one, other] = [await here.project(), await here.project()]
    const to = `grace+${one.id}@example.com`
    for (const [project, address] of [
      [one, 'a@example.com'],
      [one, to],
      [other, to],
      [one, 'c@example.com'],
    ] as const) {
      await send(here, project.id, address)
      here.clock.advance(SECOND)
    }
    assert.deepEqual(await recipients(here, `project_id=${one.id}`), ['c@example.com', to, 'a@example.com'])
    assert.deepEqual(await recipients(here, `project_id=${one.id}&limit=2`), ['c@example.com', to])
    assert.deepEqual(await recipients(here, `to=${encodeURIComponent(to)}`), [to, to])
    assert.deepEqual(await recipients(here, `to=${encodeURIComponent(to.toUpperCase())}&project_id=${other.id}`), [to])
    assert.deepEqual(await recipients(here, `to=grace&project_id=${one.id}`), [])
    assert.deepEqual((await recipients(here, '')).slice(0, 2), ['c@example.com', to])
  })

  test('are at most 100 unless more are asked for', async () => {
    const here = await world(engine)
    const { id } = await here.project()
    await Promise.all(Array.from({ length: 101 }, (_, index) => send(here, id, `many${index}@example.com`)))
    assert.equal((await recipients(here, `project_id=${id}`)).length, 100)
    assert.equal((await recipients(here, `project_id=${id}&limit=1000`)).length, 101)
  })

  test('of live environments are never there', async () => {
    const here = await world(engine)
    const project = await here.project()
    const { project_id } = project.live
    await assert.rejects(send(here, project_id, 'ada@example.com'), /carrier/)
    const carried = { ...here, app: { ...here.app, transports: { email: { send: async () => {} } } } }
    await send(carried, project_id, 'ada@example.com')
    assert.deepEqual(await recipients(here, `project_id=${project_id}`), [])
  })

  test('are for operators only', async () => {
    const here = await world(engine)
    const project = await here.project()
    await refuse(here, undefined, 'GET /dev/messages', undefined, 401, 'invalid_authorization_header')
    await refuse(here, project, 'GET /dev/messages', undefined, 401, 'unauthorized_credentials')
  })

  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1.5',
    'limit=',
    'to=%00',
    'project_id=%0a',
    'to=a&to=b',
  ]) {
    test(`cannot be asked for with ${query}`, async () => {
      const here = await world(engine)
      await refuse(here, here.workspace, `GET /dev/messages?${query}`, undefined, 400, 'bad_request')
    })
  }
})
