/** Email against a real mail server on loopback. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { generate } from 'selfsigned'
import type { Letter } from '../../src/delivery/message.ts'
import { parseSender, parseSmtpUrl, smtpTransport } from '../../src/delivery/smtp.ts'
import { DeliveryError, type Transport } from '../../src/delivery/transport.ts'
import { type SmtpAnswer, startSmtpServer } from '../fakes/smtp_server.ts'
import { letter, linkFor, outgoing } from '../support/letters.ts'

const transports: Transport[] = []
after(() => {
  for (const transport of transports) transport.close?.()
})

/** A transport for that address; closed after the tests. */
function transportTo(url: string, from = 'Acme Login <login@acme.example>'): Transport {
  const transport = smtpTransport({ ...parseSmtpUrl(url), from: parseSender(from) })
  transports.push(transport)
  return transport
}

async function refused(sending: Promise<void>): Promise<DeliveryError> {
  const error = await sending.then(
    () => assert.fail('It was taken.'),
    (error) => error,
  )
  assert.ok(error instanceof DeliveryError, String(error))
  assert.doesNotMatch(error.message, /ada|example\.com|123456|secret/)
  return error
}

const server = await startSmtpServer()
after(() => server.stop())

/** What the server received of these messages. */
async function received(...sending: Promise<void>[]) {
  await Promise.all(sending)
  return server.received.splice(0)
}

test('a message arrives as it was written, marked as automatic', async () => {
  const message = outgoing(
    letter('reset_password', { locale: 'fr', links: [linkFor('reset_password'), linkFor('login')] }),
  )
  const [got] = await received(transportTo(server.url).send(message))
  assert.ok(got)
  const { email } = got
  assert.deepEqual([got.from, got.to], ['login@acme.example', ['ada@example.com']])
  assert.deepEqual(email.from, { name: 'Acme Login', address: 'login@acme.example' })
  assert.deepEqual(
    email.to?.map(({ address }) => address),
    ['ada@example.com'],
  )
  assert.equal(email.subject, message.words.subject)
  assert.equal(email.text?.trimEnd(), message.words.text.trimEnd())
  assert.equal(email.html?.trimEnd(), message.words.html?.trimEnd())
  const header = (key: string) => email.headers.find((header) => header.key === key)?.value
  assert.equal(header('auto-submitted'), 'auto-generated')
  assert.equal(header('x-auto-response-suppress'), 'All')
  assert.equal(header('content-language'), 'fr')
  assert.equal(header('message-id'), `<${message.message_id}@acme.example>`)
  assert.equal(new Date(header('date') ?? '').getTime(), message.created_at)
})

test('a retry has the same Message-ID and date; messages that are not the same have not', async () => {
  const transport = transportTo(server.url)
  const message = outgoing(letter('otp_login'))
  const other = { ...message, message_id: 'message-test-other' }
  const got = await received(transport.send(message), transport.send(message), transport.send(other))
  const ids = got.map(({ email }) => email.messageId)
  assert.equal(ids.length, 3)
  assert.equal(new Set(ids).size, 2)
  assert.equal(new Set(got.map(({ email }) => email.date)).size, 1)
})

test('without a name of its own the sender is the project', async () => {
  const name = 'Ünïcode, "Inc." <x@y.z>'
  const [got] = await received(
    transportTo(server.url, 'login@acme.example').send(outgoing(letter('login', { project_name: name }))),
  )
  assert.deepEqual(got?.email.from, { name, address: 'login@acme.example' })
})

test('nothing in a name, an id or a subject adds a header or a recipient', async () => {
  const transport = transportTo(server.url, 'login@acme.example')
  const evil = 'Acme\r\nBcc: eve@example.com\r\n\r\n<eve@example.com>, eve@example.com'
  const written = outgoing(letter('otp_login', { project_name: evil, code: '1\r\nX-Evil: 1' }), {
    message_id: 'a\r\nX-Evil: 1',
  })
  const raw = { ...written, words: { ...written.words, subject: 'a\r\nX-Evil: 1' } }
  for (const { to, email } of await received(transport.send(written), transport.send(raw))) {
    assert.deepEqual(to, ['ada@example.com'])
    assert.equal(email.bcc, undefined)
    assert.equal(email.from?.address, 'login@acme.example')
    assert.ok(!email.headers.some(({ key }) => key === 'x-evil'))
  }
})

test('a template says who a message is from and who gets the answers; what it leaves open is as the server has it', async () => {
  const transport = transportTo(server.url)
  const own = { name: 'Acme Login', address: 'login@acme.example' }
  const cases: [Letter['sender'], object, object | undefined][] = [
    [undefined, own, undefined],
    [{}, own, undefined],
    [{ name: 'Ünïcode, "Inc."' }, { ...own, name: 'Ünïcode, "Inc."' }, undefined],
    [{ local_part: 'no.reply' }, { ...own, address: 'no.reply@acme.example' }, undefined],
    [{ domain: 'mail.acme.example' }, { ...own, address: 'login@mail.acme.example' }, undefined],
    [
      { name: 'A', local_part: 'a', domain: 'b.example', reply_to: { name: 'Help', local_part: 'help' } },
      { name: 'A', address: 'a@b.example' },
      [{ name: 'Help', address: 'help@b.example' }],
    ],
    [{ reply_to: { local_part: 'help' } }, own, [{ name: '', address: 'help@acme.example' }]],
  ]
  for (const [sender, from, reply_to] of cases) {
    const [got] = await received(transport.send(outgoing(letter('login', { sender }))))
    assert.deepEqual([got?.email.from, got?.email.replyTo], [from, reply_to])
    assert.equal(got?.from, (from as { address: string }).address)
    assert.ok(got?.email.messageId?.endsWith(`@${got.from.split('@')[1]}>`))
  }
})

test('nothing in a sender adds a header or a recipient, or becomes the envelope', async () => {
  const transport = transportTo(server.url)
  const ends = [
    '\r\nBcc: eve@example.com',
    '\nX-Evil: 1',
    '> <eve@example.com',
    ', eve@example.com',
    ' ',
    '"',
    '\u2028X-Evil: 1',
  ]
  for (const end of ends) {
    const sender = {
      name: `Acme${end}`,
      local_part: `a${end}`,
      domain: `b.example${end}`,
      reply_to: { name: `Help${end}`, local_part: `help${end}` },
    }
    for (const change of [{}, { local_part: 'a', domain: undefined }, { domain: 'b.example', local_part: undefined }]) {
      const written = letter('login', { sender: { ...sender, ...change } })
      const [got] = await received(transport.send(outgoing(written)))
      assert.match(got?.from ?? '', /^(login@acme\.example|a@acme\.example|login@b\.example)$/)
      assert.deepEqual(got?.to, ['ada@example.com'])
      assert.equal(got?.email.from?.address, got?.from)
      assert.ok(!got?.email.headers.some(({ key }) => ['x-evil', 'bcc', 'reply-to'].includes(key)))
    }
  }
})

test('a message in words of somebody else is in no known language', async () => {
  const words = { subject: 'Hallo', text: 'Hallo', html: '<p>Hallo</p>' }
  const [got] = await received(transportTo(server.url).send(outgoing(letter('login', { words }))))
  assert.ok(!got?.email.headers.some(({ key }) => key === 'content-language'))
  assert.deepEqual([got?.email.subject, got?.email.html?.trimEnd()], ['Hallo', '<p>Hallo</p>'])
})

test('what is not one plain address is never put to the server', async () => {
  const hostile = [
    'ada@example.com\r\nRCPT TO:<eve@example.com>',
    'ada@example.com>, <eve@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@example.com>',
    '',
  ]
  for (const to of hostile) {
    const error = await refused(transportTo(server.url).send(outgoing(letter('login'), { to })))
    assert.equal(error.permanent, true)
  }
  assert.deepEqual(server.received, [])
})

test('content that looks like a file or an address is sent as it is, and nothing is fetched', async () => {
  const message = outgoing(letter('login'), {
    words: { subject: 's', text: 'file:///etc/passwd', html: '<img src="/etc/passwd">' },
  })
  const [got] = await received(transportTo(server.url).send(message))
  assert.equal(got?.email.text?.trimEnd(), 'file:///etc/passwd')
  assert.equal(got?.email.html?.trimEnd(), '<img src="/etc/passwd">')
})

test('what the server says about the message is final from 500 on, and only then', async () => {
  const cases: [SmtpAnswer, { permanent: boolean; recipient_refused?: boolean }, RegExp][] = [
    [
      { code: 550, at: 'RCPT TO', sentence: '5.1.1 ada@example.com unknown' },
      { permanent: true, recipient_refused: true },
      /550 5\.1\.1 to RCPT TO/,
    ],
    [
      { code: 550, at: 'RCPT TO', sentence: '5.7.1 ada@example.com relaying denied' },
      { permanent: true },
      /550 5\.7\.1/,
    ],
    [{ code: 550, at: 'RCPT TO', sentence: 'ada@example.com refused' }, { permanent: true }, /550 to RCPT TO/],
    [{ code: 554, at: 'DATA', sentence: '5.6.0 123456 is spam' }, { permanent: true }, /554 5\.6\.0 to DATA/],
    [{ code: 553, at: 'MAIL FROM' }, { permanent: true }, /553/],
    [{ code: 530, at: 'MAIL FROM', sentence: '5.7.0 Authentication required' }, { permanent: false }, /530/],
    [{ code: 451, at: 'RCPT TO', sentence: '4.7.1 ada@example.com greylisted' }, { permanent: false }, /451 4\.7\.1/],
    [{ code: 421, at: 'DATA' }, { permanent: false }, /421/],
  ]
  for (const [answer, { permanent, recipient_refused = false }, says] of cases) {
    server.answer = answer
    const error = await refused(transportTo(server.url).send(outgoing(letter('otp_login'))))
    assert.match(error.message, says)
    assert.deepEqual([error.permanent, error.recipient_refused], [permanent, recipient_refused], error.message)
  }
  server.answer = 'take'
  assert.deepEqual(server.received, [])
})

test('a server that is not there may be there later', async () => {
  const gone = await startSmtpServer()
  await gone.stop()
  const error = await refused(transportTo(gone.url).send(outgoing(letter('login'))))
  assert.equal(error.permanent, false)
})

test('a connection that ends in the middle of a message is a failure, not sent again unseen', async () => {
  const dying = await startSmtpServer()
  dying.answer = 'take_and_hang'
  const sending = transportTo(dying.url).send(outgoing(letter('login')))
  sending.catch(() => {})
  while (dying.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await dying.stop()
  assert.equal((await refused(sending)).permanent, false)
  assert.equal(dying.received.length, 1)
})

test('credentials are given, and wrong ones can be mended later', async () => {
  const guarded = await startSmtpServer({ login: { user: 'me@acme', pass: 'p/w:d' } })
  after(() => guarded.stop())
  const at = (credentials: string) => transportTo(`smtp://${credentials}@127.0.0.1:${guarded.port}`)
  await at('me%40acme:p%2Fw%3Ad').send(outgoing(letter('login')))
  assert.equal(guarded.received[0]?.user, 'me@acme')
  const error = await refused(at('me%40acme:wrong').send(outgoing(letter('login'))))
  assert.equal(error.permanent, false)
  assert.match(error.message, /535/)
  assert.doesNotMatch(error.message, /wrong/)
})

test('where TLS is required nothing is said without it, and a certificate that nobody vouches for is refused', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }])
  const secure = await startSmtpServer({ tls: { cert, key } })
  after(() => secure.stop())
  for (const url of [`${server.url}?tls=required`, `${secure.url}?tls=required`, `smtps://127.0.0.1:${server.port}`]) {
    const error = await refused(transportTo(url).send(outgoing(letter('login'))))
    assert.equal(error.permanent, false, url)
  }
  assert.deepEqual([server.received, secure.received], [[], []])
  // To this machine, plain, as a local relay is used.
  await transportTo(secure.url).send(outgoing(letter('login')))
  assert.equal(secure.received[0]?.secure, false)
})

test('reads the address of a server', () => {
  const read = (url: string) => {
    const { host, port, tls, auth } = parseSmtpUrl(url)
    return [host, port, tls, auth?.user, auth?.pass]
  }
  assert.deepEqual(read('smtp://u:p@mail.example'), ['mail.example', 587, 'required', 'u', 'p'])
  assert.deepEqual(read('smtps://a%40b:p%3Aq@mail.example/'), ['mail.example', 465, 'implicit', 'a@b', 'p:q'])
  assert.deepEqual(read('smtp://mail.example:25?tls=off'), ['mail.example', 25, 'off', undefined, undefined])
  assert.deepEqual(read('smtp://localhost:1025'), ['localhost', 1025, 'off', undefined, undefined])
  assert.deepEqual(read('smtp://[::1]:1025'), ['::1', 1025, 'off', undefined, undefined])
  assert.deepEqual(read('smtp://127.0.0.1?tls=required'), ['127.0.0.1', 587, 'required', undefined, undefined])
  const wrong = [
    'mail.example',
    'http://m',
    'smtp://',
    'smtp://m/path',
    'smtp://m?tls=maybe',
    'smtps://m?tls=off',
    'smtp://m?pool=1',
    'smtp://u@m',
    'smtp://u:%zz@m',
    'smtp://m:99999',
  ]
  for (const url of wrong) assert.throws(() => parseSmtpUrl(url), /^Error: (use|give|the only)/, url)
})

test('reads a sender', () => {
  assert.deepEqual(parseSender('login@acme.example'), { name: undefined, address: 'login@acme.example' })
  assert.deepEqual(parseSender('Acme <Login@Acme.example>'), { name: 'Acme', address: 'login@acme.example' })
  assert.deepEqual(parseSender('"Acme, Inc." <login@acme.example>'), {
    name: 'Acme, Inc.',
    address: 'login@acme.example',
  })
  assert.deepEqual(parseSender('<login@acme.example>'), { name: undefined, address: 'login@acme.example' })
  for (const text of ['Acme', 'a@b', 'Acme <nobody>', 'a <a@b.c>, b <b@b.c>', 'a@b.c\r\nBcc: e@b.c']) {
    assert.throws(() => parseSender(text), /use an address/, text)
  }
})
