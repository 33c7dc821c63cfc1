/** What an organization still asks of a member: every combination against a model, and random sequences of sign-ins against it. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { operations } from '../../../src/api/index.ts'
import { getIntermediateSession } from '../../../src/domain/intermediate_sessions/intermediate_session.ts'
import type { Member } from '../../../src/domain/members/row.ts'
import type { AuthMethod, MfaMethod } from '../../../src/domain/organizations/row.ts'
import type { Proof } from '../../../src/domain/sessions/factors.ts'
import { lookUpPresentedMember, requirePresentedMember } from '../../../src/domain/sessions/presented.ts'
import { revokeSession, tokenKey } from '../../../src/domain/sessions/session.ts'
import { type Evidence, requirementsOf } from '../../../src/domain/signin/policy.ts'
import { Refusal } from '../../../src/errors.ts'
import { MINUTE, SECOND } from '../../../src/values/time.ts'
import { type Answer, call, succeed } from '../../support/call.ts'
import { lastMessage } from '../../support/inbox.ts'
import { give, memberIn, memberSession } from '../../support/members.ts'
import { environmentOf, newOrganization } from '../../support/organizations.ts'
import { onBothEngines, type TestProject, type World, world } from '../../support/world.ts'

/** How many random sequences are tried on each engine, and which; `MODEL_RUNS=2000` is for a quiet hour. */
const runs = Number(process.env.MODEL_RUNS ?? 25)
const seed = Number(process.env.MODEL_SEED ?? 20_261_121)

// The model: what the reference says (b2b.md §1.5, steps 2 to 6, and OC-7), in as few words as possible and none of the code's.

type Policy = {
  /** Undefined: every method. */
  methods: AuthMethod[] | undefined
  everyone_needs_mfa: boolean
  /** Undefined: every method. */
  seconds: MfaMethod[] | undefined
}
type Person = { let_in: boolean; verified: boolean; breakglass: boolean; enrolled: boolean }
type Known = { facts: string[]; own_address: boolean; session: boolean }

const observed = ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp']
const silent = ['slack_oauth', 'github_oauth', 'hubspot_oauth']
const provers = ['magic_link', 'email_otp']
const secondFacts = ['otp', 'totp', 'recovery_codes']

function demanded(policy: Policy, person: Person, known: Known): { methods: string[] | null; mfa: boolean } {
  const { facts } = known
  const first = facts.filter((fact) => !secondFacts.includes(fact))
  const list = policy.methods === undefined || person.breakglass ? undefined : policy.methods
  const method_ok = list === undefined ? first.length > 0 : first.some((fact) => list.includes(fact as AuthMethod))
  const address_ok = (person.let_in && person.verified) || known.own_address || facts.some((it) => provers.includes(it))
  const all = list ?? [...observed, ...silent]
  const loud = all.filter((method) => !silent.includes(method))
  const methods = method_ok && address_ok ? null : address_ok || loud.length === 0 ? all : loud
  const usable = (method: MfaMethod) => !policy.seconds || person.breakglass || policy.seconds.includes(method)
  const counts = [...(usable('sms_otp') ? ['otp'] : []), ...(usable('totp') ? ['totp', 'recovery_codes'] : [])]
  const asked = policy.everyone_needs_mfa || person.enrolled
  return { methods, mfa: asked && !known.session && !facts.some((fact) => counts.includes(fact)) }
}

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

function settingsOf({ methods, everyone_needs_mfa, seconds }: Policy): Evidence['settings'] {
  return {
    auth_methods: methods ? 'RESTRICTED' : 'ALL_ALLOWED',
    allowed_auth_methods: methods ?? [],
    mfa_policy: everyone_needs_mfa ? 'REQUIRED_FOR_ALL' : 'OPTIONAL',
    mfa_methods: seconds ? 'RESTRICTED' : 'ALL_ALLOWED',
    allowed_mfa_methods: seconds ?? [],
  }
}

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

// Sequences: two organizations, in each a member of one address, and all that may happen to their sign-ins.

type With = { kind: 'nothing' | 'session' | 'intermediate'; pick: number }
type Step =
  | ({ do: 'policy'; org: number } & Policy)
  | { do: 'member'; org: number; breakglass: boolean; enrolled: boolean }
  | { do: 'send'; org: number; as: 'link' | 'code' }
  | { do: 'link'; pick: number; with: With }
  | { do: 'code'; org: number; with: With }
  | { do: 'second'; org: number; fact: string; with: With }
  | { do: 'exchange'; pick: number; org: number }
  | { do: 'revoke'; pick: number }
  | { do: 'wait'; minutes: number }

const org = fc.nat({ max: 1 })
const pick = fc.nat({ max: 20 })
const beside: fc.Arbitrary<With> = fc.record({
  kind: fc.constantFrom('nothing' as const, 'session' as const, 'intermediate' as const),
  pick,
})
const some = <T>(items: T[]) =>
  fc.option(fc.subarray(items, { minLength: 1 }), { nil: undefined }) as fc.Arbitrary<T[] | undefined>
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      org,
      methods: some<AuthMethod>(['magic_link', 'email_otp', 'password', 'sso']),
      everyone_needs_mfa: fc.boolean(),
      seconds: some<MfaMethod>(['sms_otp', 'totp']),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('member' as const), org, breakglass: fc.boolean(), enrolled: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      org,
      as: fc.constantFrom('link' as const, 'code' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('link' as const), pick, with: beside }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('code' as const), org, with: beside }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('second' as const),
      org,
      fact: fc.constantFrom(...secondFacts),
      with: beside,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('exchange' as const), pick, org }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 4, 11, 61) }) },
)

/** What the model knows of an organization with its member. */
type Side = {
  organization_id: string
  member_id: string
  policy: Policy
  person: Person
  code: { code: string; until: number; used: boolean } | undefined
}
/** Facts of a second factor name the organization in which they were proven. */
type Held = { token: string; facts: Set<string>; until: number; ended: boolean }
type HeldSession = Held & { side: Side }

/** One run of the sequence against a server, with the model beside it. */
class Run {
  readonly here: World
  readonly project: TestProject
  readonly email_address = `${randomUUID()}@example.com`
  sides: Side[] = []
  sessions: HeldSession[] = []
  intermediates: Held[] = []
  links: { token: string; side: Side; until: number; used: boolean }[] = []
  tally: Record<string, number>

  constructor(here: World, project: TestProject, tally: Record<string, number>) {
    this.here = here
    this.project = project
    this.tally = tally
  }

  async begin(): Promise<void> {
    for (const index of [0, 1]) {
      const { here, project, email_address } = this
      const { organization_id } = await newOrganization(here, project)
      const known = index === 0
      const given = { email_address, email_address_verified: known, status: known ? 'active' : 'invited' } as const
      const { member_id } = await memberIn(here, project, { organization_id }, given)
      await give(here, project, member_id, {
        mfa_phone: { phone_id: `member-phone-test-${randomUUID()}`, phone_number: phoneOf(index), verified: true },
        totp: { totp_id: `member-totp-test-${randomUUID()}`, verified: true },
      })
      const policy = { methods: undefined, everyone_needs_mfa: false, seconds: undefined }
      const person = { let_in: known, verified: known, breakglass: false, enrolled: false }
      this.sides.push({ organization_id, member_id, policy, person, code: undefined })
    }
  }

  get now(): number {
    return this.here.clock.now()
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'policy') return this.setPolicy(one)
    if (one.do === 'member') return this.setMember(one)
    if (one.do === 'send') return this.send(one)
    if (one.do === 'link') return this.redeemLink(one)
    if (one.do === 'code') return this.redeemCode(one)
    if (one.do === 'second') return this.addSecond(one)
    if (one.do === 'exchange') return this.exchange(one)
    if (one.do === 'revoke') return this.revoke(one)
    this.here.clock.advance(one.minutes * MINUTE)
  }

  side(index: number): Side {
    return this.sides[index] as Side
  }

  async setPolicy({ org, methods, everyone_needs_mfa, seconds }: Step & { do: 'policy' }): Promise<void> {
    const side = this.side(org)
    side.policy = { methods, everyone_needs_mfa, seconds }
    const { allowed_auth_methods, allowed_mfa_methods, ...settings } = settingsOf(side.policy)
    await succeed(this.here, this.project, `PUT /v1/b2b/organizations/${side.organization_id}`, {
      ...settings,
      ...(methods ? { allowed_auth_methods } : {}),
      ...(seconds ? { allowed_mfa_methods } : {}),
    })
  }

  async setMember({ org, breakglass, enrolled }: Step & { do: 'member' }): Promise<void> {
    const side = this.side(org)
    side.person = { ...side.person, breakglass, enrolled }
    await give(this.here, this.project, side.member_id, { is_breakglass: breakglass, mfa_enrolled: enrolled })
  }

  forbids({ policy: { methods }, person }: Side, method: AuthMethod): boolean {
    return methods !== undefined && !person.breakglass && !methods.includes(method)
  }

  async send({ org, as }: Step & { do: 'send' }): Promise<void> {
    this.here.clock.advance(SECOND)
    const side = this.side(org)
    const { organization_id } = side
    const route = `POST /v1/b2b/${as === 'link' ? 'magic_links' : 'otps'}/email/login_or_signup`
    const { email_address } = this
    const { status, body } = await call(this.here, this.project, route, { organization_id, email_address })
    if (this.forbids(side, as === 'link' ? 'magic_link' : 'email_otp')) {
      assert.equal(body.error_type, 'operation_restricted_by_organization_auth_methods')
      return
    }
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.member_created, false)
    const { links, code } = await lastMessage(this.here, email_address, this.project)
    if (as === 'link') {
      this.links.push({ token: links[0]?.token as string, side, until: this.now + 60 * MINUTE, used: false })
    } else side.code = { code: code as string, until: this.now + 10 * MINUTE, used: false }
  }

  async redeemLink({ pick, with: beside }: Step & { do: 'link' }): Promise<void> {
    const link = this.links[pick % Math.max(1, this.links.length)]
    const held = this.held(beside)
    if (!link || held === 'none') return
    const body = { magic_links_token: link.token, ...fieldsOf(held) }
    const answer = await call(this.here, this.project, 'POST /v1/b2b/magic_links/authenticate', body)
    const isSpent = link.used || link.until <= this.now
    const refusal =
      this.dead(held) ?? (isSpent ? 'unable_to_auth_magic_link' : this.forbidden(link.side, held, 'magic_link'))
    if (this.settle(answer, refusal, link.side, 'magic_link', held)) link.used = true
  }

  async redeemCode({ org, with: beside }: Step & { do: 'code' }): Promise<void> {
    const side = this.side(org)
    const held = this.held(beside)
    const { code } = side
    if (!code || held === 'none') return
    const { organization_id } = side
    const body = { organization_id, email_address: this.email_address, code: code.code, ...fieldsOf(held) }
    const answer = await call(this.here, this.project, 'POST /v1/b2b/otps/email/authenticate', body)
    const spent = code.used || code.until <= this.now ? 'unable_to_auth_otp_code' : undefined
    const refusal = this.dead(held) ?? this.forbidden(side, held, 'email_otp') ?? spent
    if (this.settle(answer, refusal, side, 'email_otp', held)) code.used = true
  }

  /** A second factor by the verb behind every operation that takes one. */
  async addSecond({ org, fact, with: beside }: Step & { do: 'second' }): Promise<void> {
    const side = this.side(org)
    const held = this.held(beside)
    if (held === 'none') return
    const answer = await refusing(async () => {
      const { app } = this.here
      const environment = await environmentOf(this.here, this.project)
      const fields = fieldsOf(held)
      const lookup = await lookUpPresentedMember(app, this.project.id, fields)
      const presented = await requirePresentedMember(app, environment, fields, lookup)
      const token = fields.intermediate_session_token
      const intermediate = token ? { token, record: await getIntermediateSession(app, environment, token) } : undefined
      const proof = this.proofOf(await this.memberOf(side), fact)
      return memberSession(this.here, this.project, side, side, proof, { presented, intermediate, locale: 'en' })
    })
    this.settle(answer, this.dead(held), side, `${fact}@${side.organization_id}`, held)
  }

  async memberOf({ member_id }: Side): Promise<Member> {
    return give(this.here, this.project, member_id, {})
  }

  proofOf({ mfa_phone, totp }: Member, fact: string): Proof {
    if (fact === 'otp') {
      const { phone_id = '', phone_number = '' } = mfa_phone ?? {}
      return { type: 'otp', delivery_method: 'sms', phone_number_factor: { phone_id, phone_number } }
    }
    if (fact === 'totp') {
      const authenticator_app_factor = { totp_id: totp?.totp_id ?? '' }
      return { type: 'totp', delivery_method: 'authenticator_app', authenticator_app_factor }
    }
    const recovery_code_factor = { totp_recovery_code_id: `totp-recovery-code-test-${randomUUID()}` }
    return { type: 'recovery_codes', delivery_method: 'recovery_code', recovery_code_factor }
  }

  /** Whatever an exchange carries over, it was proven before, and a session out of it has all that is demanded. */
  async exchange({ pick, org }: Step & { do: 'exchange' }): Promise<void> {
    const source = this.sessions[pick % Math.max(1, this.sessions.length)]
    if (!source || !operations.some(({ path }) => path === '/v1/b2b/sessions/exchange')) return
    const side = this.side(org)
    const body = { session_token: source.token, organization_id: side.organization_id }
    const { status, body: reply } = await call(this.here, this.project, 'POST /v1/b2b/sessions/exchange', body)
    this.count(`exchange ${status} ${reply.member_authenticated ?? reply.error_type}`)
    if (this.dead({ session: source })) return assert.equal(reply.error_type, 'session_not_found')
    if (status !== 200) return assert.equal(reply.error_type, 'insufficient_factors_for_session_exchange')
    const own = (fact: string) => !fact.includes('@') || fact.endsWith(side.organization_id)
    const carried = [...source.facts].filter(own)
    const letIn = { ...side.person, let_in: true, verified: true }
    if (!reply.member_authenticated) {
      // What the intermediate session holds then is up to the operation.
      if (!reply.primary_required) side.person = letIn
      return
    }
    const facts = factsOf(reply, side)
    for (const fact of facts) assert.ok(carried.includes(fact), `${fact} was never proven for this member`)
    // Within one organization it is the same standing in another session; elsewhere all is decided anew.
    if (side !== source.side) {
      const known = { facts: facts.map(bare), own_address: source.side.person.verified, session: false }
      assert.deepEqual(demanded(side.policy, side.person, known), { methods: null, mfa: false }, JSON.stringify(reply))
      side.person = letIn
    }
    const until = this.now + 60 * MINUTE
    this.sessions.push({ side, token: reply.session_token, facts: new Set(facts), until, ended: false })
  }

  async revoke({ pick }: Step & { do: 'revoke' }): Promise<void> {
    const session = this.sessions[pick % Math.max(1, this.sessions.length)]
    if (!session) return
    const environment = await environmentOf(this.here, this.project)
    await revokeSession(this.here.app, environment, tokenKey(this.project.id, session.token))
    session.ended = true
  }

  held({ kind, pick }: With): Holding | 'none' {
    if (kind === 'nothing') return {}
    const pool = kind === 'session' ? this.sessions : this.intermediates
    const one = pool[pick % Math.max(1, pool.length)]
    return one ? { [kind]: one } : 'none'
  }

  dead({ session, intermediate }: Holding): string | undefined {
    if (session && (session.ended || session.until <= this.now)) return 'session_not_found'
    if (intermediate && (intermediate.ended || intermediate.until <= this.now)) return 'intermediate_session_not_found'
    return undefined
  }

  forbidden(side: Side, { intermediate }: Holding, method: AuthMethod): string | undefined {
    if (intermediate || !this.forbids(side, method)) return undefined
    return 'operation_restricted_by_organization_auth_methods'
  }

  count(name: string): void {
    this.tally[name] = (this.tally[name] ?? 0) + 1
  }

  /** Holds an answer against the model and notes what follows from it. Tells whether the proof counted. */
  settle(
    answer: Pick<Answer, 'status' | 'body'>,
    refusal: string | undefined,
    side: Side,
    fact: string,
    held: Holding,
  ) {
    const { status, body } = answer
    this.count(refusal ?? (body.member_authenticated ? 'session' : 'withheld'))
    if (refusal) {
      assert.deepEqual([status >= 400, body.error_type], [true, refusal])
      return false
    }
    assert.equal(status, 200, JSON.stringify(body))
    const presented = held.session?.side === side ? held.session : undefined
    // Nobody can tell whose recovery code it was that an intermediate session has seen.
    const brought = [...(held.intermediate?.facts ?? [])].filter((one) => bare(one) !== 'recovery_codes')
    const before = presented?.facts ?? brought
    const own = (one: string) => !one.includes('@') || one.endsWith(`@${side.organization_id}`)
    const facts = [...new Set([...before, fact])].filter(own)
    const known = { facts: facts.map(bare), own_address: false, session: presented !== undefined }
    const need = demanded(side.policy, side.person, known)
    assert.deepEqual(
      {
        authenticated: body.member_authenticated,
        methods: body.primary_required?.allowed_auth_methods ?? null,
        mfa: body.mfa_required !== null,
      },
      { authenticated: need.methods === null && !need.mfa, ...need },
      JSON.stringify({ policy: side.policy, person: side.person, known }),
    )
    if (need.methods === null) side.person = { ...side.person, let_in: true, verified: true }
    this.checkMember(side, body)
    if (body.member_authenticated) this.opened(body, side, facts, presented, held)
    else this.withheld(body, new Set([...(held.intermediate?.facts ?? []), fact]), held)
    return true
  }

  checkMember({ person, member_id, organization_id }: Side, body: Answer['body']): void {
    const { status, email_address_verified } = body.member
    assert.deepEqual([body.member_id, body.organization.organization_id], [member_id, organization_id])
    assert.deepEqual([status === 'active', email_address_verified], [person.let_in, person.verified])
  }

  opened(body: Answer['body'], side: Side, facts: string[], presented: HeldSession | undefined, held: Holding): void {
    assert.equal(body.intermediate_session_token, '')
    assert.deepEqual(new Set(factsOf(body, side)), new Set(facts))
    if (presented) {
      assert.equal(body.session_token, presented.token)
      presented.facts = new Set(facts)
      return
    }
    if (held.intermediate) held.intermediate.ended = true
    const until = this.now + 60 * MINUTE
    assert.ok(!this.sessions.some(({ token }) => token === body.session_token))
    this.sessions.push({ side, token: body.session_token, facts: new Set(facts), until, ended: false })
  }

  withheld(body: Answer['body'], facts: Set<string>, { intermediate }: Holding): void {
    assert.deepEqual([body.session_token, body.session_jwt, body.member_session], ['', '', null])
    const token = body.intermediate_session_token
    if (intermediate) {
      assert.equal(token, intermediate.token)
      intermediate.facts = facts
    } else {
      assert.notEqual(token, '')
      this.intermediates.push({ token, facts, until: this.now + 10 * MINUTE, ended: false })
    }
    if (body.primary_required) assert.equal(body.mfa_required?.secondary_auth_initiated ?? null, null)
  }
}

type Holding = { session?: HeldSession; intermediate?: Held }

function fieldsOf({ session, intermediate }: Holding): { session_token?: string; intermediate_session_token?: string } {
  if (session) return { session_token: session.token }
  return intermediate ? { intermediate_session_token: intermediate.token } : {}
}

function phoneOf(index: number): string {
  return `+1415555${2000 + index}`
}

function bare(fact: string): string {
  return fact.split('@')[0] as string
}

/** What the session of a reply says has been proven. */
function factsOf(body: Answer['body'], { organization_id }: Side): string[] {
  const types = body.member_session.authentication_factors.map(({ type }: { type: string }) => type) as string[]
  return [...new Set(types)].map((type) => (secondFacts.includes(type) ? `${type}@${organization_id}` : type))
}

async function refusing(work: () => Promise<Answer['body']>): Promise<Pick<Answer, 'status' | 'body'>> {
  try {
    return { status: 200, body: await work() }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: error.status, body: { error_type: error.error_type } }
  }
}

onBothEngines('signing in to organizations', (engine) => {
  test('no sequence of policies, logins, second factors, exchanges and revocations reaches a session too early', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const tally: Record<string, number> = {}
    const property = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), async (steps) => {
      const run = new Run(here, project, tally)
      await run.begin()
      for (const one of steps) await run.take(one)
    })
    await fc.assert(property, { seed, numRuns: runs, endOnFailure: process.env.MODEL_RUNS === undefined })
    // The sequences did lead somewhere.
    const outcomes = ['session', 'withheld', 'operation_restricted_by_organization_auth_methods', 'session_not_found']
    for (const outcome of [...outcomes, 'intermediate_session_not_found']) {
      assert.ok((tally[outcome] ?? 0) > 0, JSON.stringify(tally))
    }
  })
})
