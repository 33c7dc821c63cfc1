/** Email over SMTP. */
import { parseEmail } from '../values/email.ts'
import { oneLine } from './clean.ts'
import type { Letter } from './message.ts'
import { DeliveryError, type Outgoing, type Transport } from './transport.ts'

/** `tls`: from the first byte (`smtps:`), by STARTTLS or not at all, or none. */
export type SmtpSettings = {
  host: string
  port: number
  tls: 'implicit' | 'required' | 'off'
  auth: { user: string; pass: string } | undefined
  from: { name: string | undefined; address: string }
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i

/**
 * Reads `smtp://user:password@host:port`, upgraded by STARTTLS before anything is said, or `smtps://…`, TLS from the
 * start. To this machine, and with `?tls=off`, `smtp:` stays plain; `?tls=required` upgrades there too. The port is 587 or
 * 465 when not given. Throws an Error that does not repeat the text.
 */
export function parseSmtpUrl(text: string): Omit<SmtpSettings, 'from'> {
  const url = URL.parse(text)
  const problem = new Error('use smtp://user:password@host:port or smtps://user:password@host:port')
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || url.hash !== '') throw problem
  if (url.pathname !== '' && url.pathname !== '/') throw problem
  const secure = url.protocol === 'smtps:'
  const [options, wanted] = [[...url.searchParams.keys()], url.searchParams.get('tls')]
  if (options.some((name) => name !== 'tls') || (wanted !== null && (secure || !/^(off|required)$/.test(wanted)))) {
    throw new Error('the only option is tls=off or tls=required, with smtp://')
  }
  const [user, pass] = [unescaped(url.username), unescaped(url.password)]
  if (user === undefined || pass === undefined || (user === '') !== (pass === '')) {
    throw new Error('give both a user and a password, with special characters as %XX, or neither')
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    tls: secure ? 'implicit' : ((wanted as 'off' | 'required') ?? (loopback.test(url.hostname) ? 'off' : 'required')),
    auth: user === '' ? undefined : { user, pass },
  }
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Reads `Name <address>` or an address alone. Throws an Error. */
export function parseSender(text: string): SmtpSettings['from'] {
  const [, quoted, plain, inside] = /^(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]+)>$/.exec(text.trim()) ?? []
  const address = parseEmail(inside ?? text)
  if (!address) throw new Error('use an address, or Name <address>')
  return { name: oneLine(quoted ?? plain ?? '', 100) || undefined, address }
}

/** How long one message may take in all, on its way through the pool too. */
const deadline = 45_000

/** A pool of connections to the mail server. A message that was sent before has the same Message-ID again. */
export function smtpTransport(settings: SmtpSettings): Transport {
  let pool: ReturnType<typeof openPool> | undefined

  async function send({ message_id, to, letter, words, created_at }: Outgoing): Promise<void> {
    // The grammar of our own addresses is narrower than that of mail: nothing in one can end a command or a header.
    const address = parseEmail(to)
    if (!address) throw new DeliveryError('The recipient is not an email address.', true)
    const { from, reply_to, domain } = addressesOf(letter, settings.from)
    try {
      pool ??= openPool(settings)
      await (await pool).sendMail({
        envelope: { from: from.address, to: [address] },
        from,
        ...(reply_to && { replyTo: reply_to }),
        to: { name: '', address },
        subject: words.subject ?? '',
        text: words.text,
        ...(words.html !== undefined && { html: words.html }),
        messageId: `<${message_id.replace(/[^\w.-]/g, '_')}@${domain}>`,
        date: new Date(created_at),
        headers: {
          'auto-submitted': 'auto-generated',
          'x-auto-response-suppress': 'All',
          // What language somebody else's words are in is not known.
          ...(!letter.words && { 'content-language': letter.locale }),
        },
        signal: AbortSignal.timeout(deadline),
      })
    } catch (error) {
      throw refusal(error as SmtpFailure)
    }
  }

  return {
    send,
    close() {
      pool?.then((open) => open.close())
    },
  }
}

/** Who a letter is from: the sender of its template, in whatever it says, and else the server's. */
function addressesOf({ project_name, sender = {} }: Letter, own: SmtpSettings['from']) {
  const at = own.address.lastIndexOf('@')
  const domain = sender.domain ?? own.address.slice(at + 1)
  // As narrow as the addresses of recipients; a template that says anything else has no say.
  const addressAt = (local_part: string) => parseEmail(`${local_part}@${domain}`)
  const address = addressAt(sender.local_part ?? own.address.slice(0, at)) ?? own.address
  const answers = sender.reply_to && addressAt(sender.reply_to.local_part)
  return {
    from: { name: oneLine(sender.name ?? own.name ?? project_name, 100), address },
    reply_to: answers === undefined ? undefined : { name: oneLine(sender.reply_to?.name ?? '', 100), address: answers },
    domain: address.slice(address.lastIndexOf('@') + 1),
  }
}

async function openPool({ host, port, tls, auth }: SmtpSettings) {
  // Loaded with the first email: commands and servers that send none start without it.
  const { createTransport } = await import('nodemailer')
  return createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'off',
    tls: { rejectUnauthorized: true },
    ...(auth && { auth }),
    maxConnections: 5,
    // A connection that ends in the middle is our business: only we know when to try again, and when no more.
    maxRequeues: 0,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

type SmtpFailure = Error & { code?: string; command?: string; response?: string; responseCode?: number }

/**
 * Only what the server says about this message is final. A refused login, greeting or TLS is between the server and the
 * operator, who can mend it while the message is still worth sending.
 */
function refusal({ code, command, response, responseCode }: SmtpFailure): DeliveryError {
  if (responseCode === undefined) {
    return new DeliveryError(`The mail server could not be reached or did not answer (${code ?? 'unknown'}).`, false)
  }
  // The rest of an answer may repeat the address.
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1]
  // 530 asks for a login or for TLS, whenever it is said (RFC 4954 §6, RFC 3207 §4).
  const permanent = /^(MAIL FROM|RCPT TO|DATA)$/.test(command ?? '') && responseCode >= 500 && responseCode !== 530
  return new DeliveryError(
    `The mail server answered ${[responseCode, status].filter(Boolean).join(' ')} to ${command ?? 'the connection'}.`,
    permanent,
    permanent && mailboxGone.test(status ?? ''),
  )
}

/** No such mailbox or domain, moved, or disabled (RFC 3463 §3.2, §3.3); 550 alone may also mean the server itself refuses. */
const mailboxGone = /^5\.(1\.(1|2|3|6|10)|2\.1)$/
