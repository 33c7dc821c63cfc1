/** A real browser without a window, for tests of pages. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { createServer } from '../../src/http/server.ts'
import { type World, world } from './world.ts'

const places = [
  process.env.SELVAGE_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]
// Some of them only tell how to install a browser.
const works = (path: string) => spawnSync(path, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0
const executablePath = places.find((path) => path !== '' && existsSync(path) && works(path))

/** Why tests in a browser cannot run here; false when they can. */
export const skip =
  executablePath === undefined &&
  'There is no browser: install the package "chromium", or name the program of one in SELVAGE_CHROMIUM.'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A host that is not this machine by name, so that browsers do not trust it without https.
  '--host-resolver-rules=MAP lan.test 127.0.0.1',
]

/** `asked` grows by the path of every request that arrives. */
type Listening = { here: World; port: number; asked: string[] }

let launching: Promise<Browser> | undefined
let serving: Promise<Listening> | undefined
const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers) await close()
})

function launch(): Promise<Browser> {
  launching ??= chromium.launch({ executablePath: executablePath ?? '', args }).then((browser) => {
    closers.unshift(() => browser.close())
    return browser
  })
  return launching
}

/** A world whose server listens; its clock shows the real time, as that of the browser does. */
export function listeningWorld(): Promise<Listening> {
  serving ??= (async () => {
    const here = await world('sqlite')
    const server = createServer({ ...here.app, now: Date.now })
    const asked: string[] = []
    server.addHook('onRequest', async ({ url }) => void asked.push(url.split('?')[0] ?? ''))
    await server.listen({ port: 0, host: '127.0.0.1' })
    closers.push(() => server.close())
    const { port } = server.server.address() as { port: number }
    return { here: { ...here, server, app: { ...here.app, now: Date.now } }, port, asked }
  })()
  return serving
}

let closeLast = async () => {}

/**
 * A page with cookies and clipboard of its own, and everything on it that should not happen: faults and dialogs. The page
 * before it is closed.
 */
export async function newPage(options: BrowserContextOptions = {}): Promise<{ page: Page; trouble: string[] }> {
  const browser = await launch()
  await closeLast()
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options })
  closeLast = () => context.close()
  const page = await context.newPage()
  const trouble: string[] = []
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, trouble }
}
