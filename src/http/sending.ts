/** Sending replies: those of one turn of the event loop go out together. */
import type { ServerResponse } from 'node:http'

/** A reply as it is sent. `headers`: names and values in turn. */
export type Reply = { status: number; headers: string[]; text: string }

/**
 * Returns what sends a reply at the end of the turn. Sending wakes whoever waits for it: for many replies in a row that is
 * once, and for each on its own it costs as much as making it.
 */
export function sender(): (response: ServerResponse, reply: Reply) => void {
  let waiting: { response: ServerResponse; reply: Reply }[] = []

  function sendAll(): void {
    const now = waiting
    waiting = []
    for (const { response, reply } of now) send(response, reply)
  }

  return (response, reply) => {
    if (waiting.length === 0) setImmediate(sendAll)
    waiting.push({ response, reply })
  }
}

function send(response: ServerResponse, { status, headers, text }: Reply): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, ['content-length', String(length), ...headers])
  // A text of as many bytes as characters is ASCII, which is faster to send as such.
  response.end(text, length === text.length ? 'latin1' : 'utf8')
}
