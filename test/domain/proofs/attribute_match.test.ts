/** Attributes compared between the call that sends and the one that redeems. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchAttributes } from '../../../src/domain/proofs/attribute_match.ts'

const ip = { ip_match_required: true, user_agent_match_required: false }
const agent = { ip_match_required: false, user_agent_match_required: true }
const nothing = { ip_address: '', user_agent: '' }

test('without options anything matches', () => {
  matchAttributes({ ip_address: '192.0.2.1', user_agent: 'a' }, { ip_address: '192.0.2.2', user_agent: 'b' }, undefined)
  matchAttributes(nothing, undefined, { ip_match_required: false, user_agent_match_required: false })
})

test('addresses are compared, not their spellings', () => {
  const spellings = [
    ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ]
  for (const [sent = '', now = ''] of spellings) {
    matchAttributes({ ...nothing, ip_address: sent }, { ip_address: now }, ip)
    matchAttributes({ ...nothing, ip_address: now }, { ip_address: sent }, ip)
  }
  for (const other of ['192.0.2.2', '2001:db8::1', 'fe80::1%eth1', '']) {
    for (const sent of ['192.0.2.1', 'fe80::1%eth0', '']) {
      assert.throws(() => matchAttributes({ ...nothing, ip_address: sent }, { ip_address: other }, ip), /attributes/)
    }
  }
})

test('what is missing on either side does not match; user agents are compared letter by letter', () => {
  matchAttributes({ ...nothing, user_agent: 'a' }, { user_agent: 'a' }, agent)
  for (const [sent, now] of [
    ['', ''],
    ['a', ''],
    ['', 'a'],
    ['a', 'A'],
    ['a', 'a '],
  ] as const) {
    assert.throws(() => matchAttributes({ ...nothing, user_agent: sent }, { user_agent: now }, agent), /attributes/)
  }
  assert.throws(() => matchAttributes({ ...nothing, user_agent: 'a' }, undefined, agent), /attributes/)
})

test('attributes that are none are refused whatever the options', () => {
  assert.throws(() => matchAttributes(nothing, { ip_address: 'x' }, undefined), /IPv4 or IPv6/)
})
