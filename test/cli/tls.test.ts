/** TLS: certificate files and a self-signed certificate really serve https. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { credentialsIn, newDirectory, serve } from '../support/program.ts'

type Options = { ca?: string; rejectUnauthorized?: boolean }

function health(url: string, options: Options): Promise<{ body: string; certificate: PeerCertificate }> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ...options, agent: false }, (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate()
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ body, certificate }))
    }).on('error', reject)
  })
}

describe('https', { concurrency: 2 }, () => {
  test('certificate files serve https to who trusts them', async () => {
    const directory = newDirectory()
    const [SELVAGE_TLS_CERT, SELVAGE_TLS_KEY] = ['cert.pem', 'key.pem'].map((name) => join(directory, name)) as [
      string,
      string,
    ]
    const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 7 as const, ip: '127.0.0.1' }] }]
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { extensions })
    writeFileSync(SELVAGE_TLS_CERT, cert)
    writeFileSync(SELVAGE_TLS_KEY, key)
    const server = await serve({ SELVAGE_DATA_DIR: join(directory, 'data'), SELVAGE_TLS_CERT, SELVAGE_TLS_KEY })
    assert.match(server.url, /^https:/)
    assert.equal((await health(server.url, { ca: cert })).body, '{"status":"ok"}')
    await assert.rejects(health(server.url, {}), /self-signed|self signed/)
    await assert.rejects(fetch(server.url.replace('https', 'http')))
    assert.equal((await server.stop()).status, 0)
  })

  test('--tls-self-signed serves https with a certificate for this address', async () => {
    const SELVAGE_DATA_DIR = newDirectory()
    const server = await serve({ SELVAGE_DATA_DIR }, ['--tls-self-signed', '--json'])
    assert.match(server.url, /^https:/)
    const { certificate } = await health(server.url, { rejectUnauthorized: false })
    const ca = `-----BEGIN CERTIFICATE-----\n${certificate.raw.toString('base64')}\n-----END CERTIFICATE-----\n`
    assert.equal((await health(server.url, { ca })).body, '{"status":"ok"}')
    // Every line is JSON, the one with the credentials of the first start too.
    const lines = server.stdout().trim().split('\n')
    const shown = lines.map((line) => JSON.parse(line)).find((line) => 'credentials_path' in line)
    const credentials_path = `${SELVAGE_DATA_DIR}/credentials.json`
    assert.deepEqual(shown, { url: server.url, credentials_path, ...credentialsIn(SELVAGE_DATA_DIR) })
    assert.equal((await server.stop()).status, 0)
  })
})
