/** `selvage start`: serves until a signal ends it. */
import { Command } from 'commander'
import { ConfigError, readConfig } from '../config.ts'

type Options = { tlsSelfSigned?: boolean; port?: string; host?: string; workers?: string; json?: boolean }

/** The command. */
export function startCommand(): Command {
  return new Command('start')
    .description('Start the server. The database is migrated first; a new one is set up.')
    .option('--tls-self-signed', 'speak https with a certificate made for this run, for local use')
    .option('--port <number>', 'listen on this port (PORT)')
    .option('--host <address>', 'listen on this address (HOST)')
    .option('--workers <number>', 'run this many processes (SELVAGE_WORKERS)')
    .option('--json', 'print the credentials of a first start as one line of JSON')
    .action(async (options: Options) => {
      const given = { PORT: options.port, HOST: options.host, SELVAGE_WORKERS: options.workers }
      // Worker processes read the same options from their environment.
      for (const [name, value] of Object.entries(given)) if (value !== undefined) process.env[name] = value
      const config = readConfig()
      if (options.tlsSelfSigned && config.workers > 1) {
        // Each process would make a certificate of its own, and no client could trust them all.
        throw new ConfigError(
          'SELVAGE_WORKERS: --tls-self-signed needs one worker; set SELVAGE_TLS_CERT and SELVAGE_TLS_KEY.',
        )
      }
      const tls = options.tlsSelfSigned && !config.tls ? await selfSigned(config.host) : config.tls
      // Loaded here only: the other commands need no server and no operations.
      const { serve } = await import('../main.ts')
      await serve({ ...config, tls }, { json: options.json ?? false })
    })
}

async function selfSigned(host: string): Promise<{ cert: string; key: string }> {
  // Loaded here only: nothing else needs an X.509 library.
  const { generate } = await import('selfsigned')
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...(/^[0-9.]+$/.test(host) && host !== '127.0.0.1' && host !== '0.0.0.0'
            ? [{ type: 7 as const, ip: host }]
            : []),
        ],
      },
    ],
  })
  return { cert, key }
}
