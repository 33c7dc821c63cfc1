/** What an organization still asks of a member: every combination against a model, and random sequences of sign-ins against it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Member } from '../../../src/domain/members/row.ts'
import type { AuthMethod } from '../../../src/domain/organizations/row.ts'
import { updateEnvironment } from '../../../src/domain/projects/environment.ts'
import type { Proof } from '../../../src/domain/sessions/factors.ts'
import { requirementsOf } from '../../../src/domain/signin/policy.ts'
import { demanded, type Policy, settingsOf } from '../../support/member_model.ts'
import { type Mode, modes } from '../../support/member_passwords.ts'
import { MemberRun } from '../../support/member_run.ts'
import { step } from '../../support/member_step.ts'
import { whileHashingIsCheap } from '../../support/passwords.ts'
import { onBothEngines, world } from '../../support/world.ts'

/**
 * How many random sequences are tried on each engine in each mode, and which; `MODEL_RUNS=300` is for a quiet hour and tells what
 * the steps came to. With `MODEL_SHRINK` a sequence that fails is made shorter, which takes minutes.
 */
const runs = Number(process.env.MODEL_RUNS ?? 24)
const seed = Number(process.env.MODEL_SEED ?? 20_261_121)

const factors: Record<string, Proof> = {
  magic_link: mailed('magic_link', 'ada@example.com'),
  email_otp: mailed('email_otp', 'ada@example.com'),
  password: { type: 'password', delivery_method: 'knowledge' },
  trusted_auth_token: {
    type: 'trusted_auth_token',
    delivery_method: 'trusted_token_exchange',
    trusted_auth_token_factor: { token_id: 'jti' },
  },
  otp: {
    type: 'otp',
    delivery_method: 'sms',
    phone_number_factor: { phone_id: 'phone', phone_number: '+14155550123' },
  },
  totp: { type: 'totp', delivery_method: 'authenticator_app', authenticator_app_factor: { totp_id: 'totp' } },
  recovery_codes: {
    type: 'recovery_codes',
    delivery_method: 'recovery_code',
    recovery_code_factor: { totp_recovery_code_id: 'code' },
  },
}

function mailed(type: 'magic_link' | 'email_otp', email_address: string): Proof {
  return { type, delivery_method: 'email', email_factor: { email_id: 'email', email_address } }
}

function subsets<T>(items: T[]): T[][] {
  const sets: T[][] = [[]]
  for (const item of items) sets.push(...sets.map((set) => [...set, item]))
  return sets
}

const both = [false, true]

/** All policies: every first method that can be proven here, alone and together, and those that cannot. */
function* policies(): Generator<Policy> {
  const lists: (AuthMethod[] | undefined)[] = [
    undefined,
    ...subsets<AuthMethod>(['magic_link', 'email_otp', 'password']).filter(({ length }) => length > 0),
    ['sso'],
    ['slack_oauth'],
    ['slack_oauth', 'magic_link', 'hubspot_oauth'],
  ]
  for (const methods of lists) {
    for (const everyone_needs_mfa of both) {
      for (const seconds of [undefined, ['sms_otp'], ['totp'], ['sms_otp', 'totp']] as Policy['seconds'][]) {
        yield { methods, everyone_needs_mfa, seconds }
      }
    }
  }
}

const bags = subsets(Object.keys(factors)).map((names) => ({
  names,
  proofs: names.map((name) => factors[name] as Proof),
}))
const secondsOfAda: Pick<Member, 'mfa_phone' | 'totp'> = {
  mfa_phone: { phone_id: 'phone', phone_number: '+14155550123', verified: true },
  totp: { totp_id: 'totp', verified: true },
}
const statuses: Member['status'][] = ['pending', 'invited', 'active']

/** Every member as the decision sees it, each way a session or an address may be known beside the factors. */
function* situations() {
  for (const status of statuses) {
    for (const verified of both) {
      for (const breakglass of both) {
        for (const enrolled of both) {
          for (const own_address of both) {
            for (const session of both) {
              const person = { let_in: status === 'active', verified, breakglass, enrolled }
              yield { status, person, own_address, session }
            }
          }
        }
      }
    }
  }
}

describe('requirementsOf', () => {
  test('every policy, every member and every set of factors: exactly what the reference demands', () => {
    let combinations = 0
    const everything = [...situations()]
    for (const policy of policies()) {
      const settings = settingsOf(policy)
      for (const { status, person, own_address, session } of everything) {
        const member = {
          status,
          email_address: 'ada@example.com',
          email_address_verified: person.verified,
          is_breakglass: person.breakglass,
          mfa_enrolled: person.enrolled,
          ...secondsOfAda,
        }
        for (const { names, proofs } of bags) {
          combinations++
          const evidence = {
            settings,
            member,
            factors: proofs,
            address_proven: own_address,
            session_presented: session,
          }
          const { primary_required, mfa_required } = requirementsOf(evidence)
          const model = demanded(policy, person, { facts: names, own_address, session })
          const methods = primary_required?.allowed_auth_methods ?? null
          if (mfa_required !== model.mfa || String(methods) !== String(model.methods)) {
            assert.deepEqual({ methods, mfa: mfa_required }, model, JSON.stringify({ evidence, policy }))
          }
        }
      }
    }
    assert.ok(combinations > 1_000_000, `${combinations} combinations`)
  })

  test('a link to another address is the method that was asked for, but proves nothing about this one', () => {
    const settings = settingsOf({ methods: ['magic_link'], everyone_needs_mfa: false, seconds: undefined })
    const elsewhere = [mailed('magic_link', 'ada@elsewhere.example')]
    const member = { email_address: 'ada@example.com', is_breakglass: false, mfa_enrolled: false, ...secondsOfAda }
    const required = (status: Member['status'], email_address_verified: boolean) =>
      requirementsOf({ settings, member: { ...member, status, email_address_verified }, factors: elsewhere })
    assert.equal(required('active', true).primary_required, null)
    for (const unproven of [required('active', false), required('pending', true), required('invited', false)]) {
      assert.deepEqual(unproven.primary_required, { allowed_auth_methods: ['magic_link'] })
    }
  })
})

/** What the steps must come to, whichever of them, and in which mode alone; else the sequences lead nowhere. */
const outcomes = [
  'session',
  'withheld',
  'operation_restricted_by_organization_auth_methods',
  'session_not_found',
  'intermediate_session_not_found',
  'unauthorized_credentials',
  'unable_to_auth_password_reset_token',
  'a reset ends a session',
  'a reset ends an intermediate session',
]
const outcomesIn: Record<Mode, string[]> = {
  member: ['invalid_intermediate_session_token_for_organization', 'cross_org_passwords_not_enabled'],
  address: ['member_reset_password', 'a session comes of an address that is proven beside the factors'],
}

onBothEngines('signing in to organizations', (engine) => {
  for (const mode of modes) {
    test(`no sequence of policies, proofs, discoveries, resets and exchanges reaches a session too early, or loses one (password of one ${mode})`, async (context) => {
      const here = await world(engine)
      const project = await here.project('B2B')
      // Locks have tests of their own; here wrong passwords shall never lead to one.
      await updateEnvironment(here.app, project.id, {
        cross_org_passwords_enabled: mode === 'address',
        user_lock_threshold: 100,
      })
      const tally: Record<string, number> = {}
      const steps = fc.array(step, { minLength: 30, maxLength: 60, size: 'max' })
      const property = fc.asyncProperty(steps, async (steps) => {
        const run = new MemberRun(here, project, mode === 'address', tally)
        await run.begin()
        for (const one of steps) await run.take(one)
        await run.survey()
      })
      const parameters = { seed, numRuns: runs, endOnFailure: process.env.MODEL_SHRINK === undefined }
      await whileHashingIsCheap(here, () => fc.assert(property, parameters))
      if (process.env.MODEL_RUNS) context.diagnostic(JSON.stringify(tally))
      const seen = Object.keys(tally).map((name) => name.replace(/^\w+: /, ''))
      for (const outcome of [...outcomes, ...outcomesIn[mode]]) assert.ok(seen.includes(outcome), outcome)
    })
  }
})
