#!/usr/bin/env node
// The entry of the command line. Plain JavaScript that any Node.js can parse, so that an old one is told what is missing.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `Selvage needs Node.js 24.15 or newer; this is ${process.versions.node}. ` +
      'On Linux "npm ci" brings one along: start with "npm start" or "npm run selvage".',
  )
  process.exit(1)
}
const { run } = await import('../src/cli/cli.ts')
await run(process.argv)
