/** Whole HTTP/1.1 requests as text, and the file in which the load generators find those of a scenario. */
import { readFileSync, writeFileSync } from 'node:fs'

/** The headers that the official Node.js client sends beside the credentials, those of its `fetch` included. */
const officialClient = {
  connection: 'keep-alive',
  'user-agent': 'Stytch Node v14.2.0',
  accept: '*/*',
  'accept-language': '*',
  'sec-fetch-mode': 'cors',
  pragma: 'no-cache',
  'cache-control': 'no-cache',
  'accept-encoding': 'gzip, deflate',
}

export type Given = { headers?: Record<string, string>; body?: object | string }

/** A request as it goes over the wire, on a connection that is kept. An object is sent as JSON, a text as it is. */
export function request(method: 'GET' | 'POST' | 'PUT', path: string, { headers = {}, body }: Given = {}): string {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const all = {
    host: '127.0.0.1',
    ...officialClient,
    ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
    ...headers,
    ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', text ?? ''].join('\r\n')
}

/** Credentials as the `Authorization` header carries them. */
export function basic(project_id: string, secret: string): string {
  return `Basic ${Buffer.from(`${project_id}:${secret}`).toString('base64')}`
}

/** Leaves requests in a file: each behind a line with its length in bytes, which a script for `wrk` can read, too. */
export function writeRequests(path: string, requests: string[]): void {
  writeFileSync(path, requests.map((text) => `${Buffer.byteLength(text)}\n${text}`).join(''))
}

/** The requests of such a file. */
export function readRequests(path: string): Buffer[] {
  const all = readFileSync(path)
  const requests: Buffer[] = []
  let at = 0
  while (at < all.length) {
    const line = all.indexOf('\n', at)
    const length = Number(all.toString('latin1', at, line))
    requests.push(all.subarray(line + 1, line + 1 + length))
    at = line + 1 + length
  }
  return requests
}
