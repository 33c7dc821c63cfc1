/** The lockfile installs everywhere. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingPackages } from '../../scripts/lockfile.ts'
import { root } from './source.ts'

const text = readFileSync(join(root, 'package-lock.json'), 'utf8')

test('it lists the optional packages of every platform, or npm ci refuses it: npm run lockfile adds them', () => {
  assert.deepEqual(missingPackages(JSON.parse(text)), [])
})

test('it names no registry, so that everybody installs from their own', () => {
  assert.doesNotMatch(text, /"resolved"/)
})
