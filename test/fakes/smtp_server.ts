/** A real mail server (`smtp-server`) on loopback that keeps what it receives, or refuses it, or never answers. */
import type { AddressInfo } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

export type ReceivedEmail = { from: string; to: string[]; email: Email; raw: string; secure: boolean; user?: string }

type Command = 'MAIL FROM' | 'RCPT TO' | 'DATA'

/** `take_and_hang`: the message is received, but the client never hears so. */
export type SmtpAnswer = 'take' | 'hang' | 'take_and_hang' | { code: number; at: Command; sentence?: string }

export type FakeSmtpServer = {
  /** As `SELVAGE_SMTP_URL` wants it, without credentials. */
  url: string
  port: number
  received: ReceivedEmail[]
  /** What happens to the messages from now on. */
  answer: SmtpAnswer
  stop(): Promise<void>
}

/** Starts the server; with `tls` it offers STARTTLS, with `login` it asks for these credentials. */
export async function startSmtpServer(
  options: { tls?: { cert: string; key: string }; login?: { user: string; pass: string } } = {},
): Promise<FakeSmtpServer> {
  const { tls, login } = options
  const refuse = (at: Command) => {
    const { answer } = fake
    if (typeof answer === 'string' || answer.at !== at) return undefined
    return Object.assign(new Error(answer.sentence ?? 'no'), { responseCode: answer.code })
  }
  const server = new SMTPServer({
    ...tls,
    banner: 'fake',
    logger: false,
    disableReverseLookup: true,
    closeTimeout: 50,
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    allowInsecureAuth: true,
    authOptional: login === undefined,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.pass) return done(null, { user: username })
      return done(Object.assign(new Error('5.7.8 Authentication failed'), { responseCode: 535 }))
    },
    onMailFrom: (_address, _session, done) => done(refuse('MAIL FROM')),
    onRcptTo: (_address, _session, done) => done(refuse('RCPT TO')),
    async onData(stream, session, done) {
      const raw = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>))
      const refusal = refuse('DATA')
      if (refusal) return done(refusal)
      if (fake.answer === 'hang') return
      const { mailFrom, rcptTo } = session.envelope
      const late = fake.answer === 'take_and_hang'
      fake.received.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        email: await PostalMime.parse(raw),
        raw: raw.toString(),
        secure: session.secure,
        user: session.user,
      })
      if (!late) done(null)
    },
  })
  // A client that goes away in the middle is what some tests are about.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const fake: FakeSmtpServer = {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received: [],
    answer: 'take',
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return fake
}
