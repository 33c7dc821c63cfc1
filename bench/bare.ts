/** The yardstick: a `node:http` server that reads the body and answers the same JSON every time. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// As long as the answer to `sessions.authenticate` for the seeded sessions.
const answer = Buffer.from(JSON.stringify({ status_code: 200, filler: 'x'.repeat(3050) }))

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': answer.length })
    response.end(answer)
  })
})
process.once('message', () => {
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
})
// Whoever started this process is gone, or done.
process.once('disconnect', () => process.exit())
