/** An HTTP server on loopback that keeps the requests it gets: what the fakes of message vendors are made of. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type ReceivedRequest = { method: string; path: string; headers: IncomingHttpHeaders; body: string }

/** An answer; `hang`: none at all. */
export type HttpAnswer = { status: number; body?: unknown; headers?: Record<string, string> } | 'hang'

export type HttpReceiver = { url: string; requests: ReceivedRequest[]; stop(): Promise<void> }

/** Starts the server; `answer` decides after the request has been kept. */
export async function startHttpReceiver(answer: (request: ReceivedRequest) => HttpAnswer): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const received = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
    requests.push(received)
    const answered = answer(received)
    if (answered === 'hang') return
    response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers })
    response.end(JSON.stringify(answered.body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
