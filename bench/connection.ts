/** A keep-alive connection with one request under way, as the load generators of our own use it. */
import { connect, type Socket } from 'node:net'

export type Answer = {
  status: number
  /** Of the whole answer, head included. */
  size: number
  /** Reads the body as text; only until the next request is sent. */
  body: () => string
}

export type Connection = {
  /** Sends a whole request. The answer comes to `onAnswer`, and only then may the next one go. */
  send: (request: Uint8Array | string) => void
  close: () => void
}

type Listeners = { onOpen: () => void; onAnswer: (answer: Answer) => void; onFailure: (sentence: string) => void }

const patience = 10_000
const endOfHead = Buffer.from('\r\n\r\n')
const endOfChunks = Buffer.from('0\r\n\r\n')

/** Connects to a server of this machine. A failure is the last that is heard of a connection. */
export function openConnection(port: number, { onOpen, onAnswer, onFailure }: Listeners): Connection {
  let held: Buffer | undefined
  let closed = false
  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: Buffer.alloc(64 * 1024),
      callback(length, buffer) {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length)
        const received = held ? Buffer.concat([held, chunk]) : chunk
        const found = readAnswer(received)
        if (found === 'malformed') fail(`The server answered: ${received.toString('utf8', 0, 1000)}`)
        // The chunk's memory is written over by the next one.
        else if (found === undefined) held = Buffer.from(received)
        else if (received.length > found.size) fail('The server sent more than one answer to one request.')
        else {
          held = undefined
          onAnswer(found)
        }
        return !closed
      },
    },
  })
  function fail(sentence: string): void {
    if (closed) return
    closed = true
    socket.destroy()
    onFailure(sentence)
  }
  socket.setTimeout(patience, () => fail(`The server has been silent for ${patience / 1000} seconds.`))
  socket.on('connect', onOpen)
  socket.on('error', (error) => fail(`A connection failed: ${error.message}.`))
  socket.on('close', () => fail('The server closed a connection.'))
  return {
    send: (request) => socket.write(request),
    close() {
      closed = true
      socket.destroy()
    },
  }
}

/** The answer that begins here, once it is complete: one with a length, or in chunks. */
function readAnswer(received: Buffer): Answer | 'malformed' | undefined {
  const end = received.indexOf(endOfHead)
  if (end < 0) return undefined
  const head = received.toString('latin1', 0, end)
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? []
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  const start = end + endOfHead.length
  const body = () => received.toString('utf8', start)
  if (status !== undefined && length !== undefined) {
    const size = start + Number(length)
    return received.length < size ? undefined : { status: Number(status), size, body }
  }
  if (status === undefined || !/\r\ntransfer-encoding: chunked/i.test(head)) return 'malformed'
  // The answers measured here are JSON, so what looks like the last chunk is the last chunk.
  if (!received.subarray(-endOfChunks.length).equals(endOfChunks) || received.length < start + endOfChunks.length) {
    return undefined
  }
  return { status: Number(status), size: received.length, body }
}

/** Sends one request on a connection of its own and waits for the answer. Throws an Error with a sentence. */
export function askOnce(port: number, request: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const connection = openConnection(port, {
      onOpen: () => connection.send(request),
      onAnswer({ status, body }) {
        const text = body()
        connection.close()
        resolve({ status, body: text })
      },
      onFailure: (sentence) => reject(new Error(sentence)),
    })
  })
}
