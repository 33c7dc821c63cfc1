#!/usr/bin/env node
// The entry of the command line. Plain JavaScript that any Node.js can parse, so that an old one is told what is missing.
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Selvage needs Node.js 24.15 or newer; this is ${process.versions.node}. ` +
      'On Linux "npm ci" brings one along: start with "npm start" or "npm run selvage".',
  )
  process.exit(1)
}
// Before anything is loaded: what Node.js has compiled is kept beside the packages, whose owner it trusts anyway. Where that
// cannot be written, every start compiles anew.
const { createRequire, enableCompileCache } = await import('node:module')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/selvage', import.meta.url)))
// Loads a module after the other without waiting in between, which is a sixth faster than importing them.
const { run } = createRequire(import.meta.url)('../src/cli/cli.ts')
await run(process.argv)
