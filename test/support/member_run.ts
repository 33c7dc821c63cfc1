/** Runs random steps of one person against a server, with the model beside it, and holds every answer against what the model says. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { getIntermediateSession } from '../../src/domain/intermediate_sessions/intermediate_session.ts'
import type { Proof } from '../../src/domain/sessions/factors.ts'
import { lookUpPresentedMember, requirePresentedMember } from '../../src/domain/sessions/presented.ts'
import { revokeSession, tokenKey } from '../../src/domain/sessions/session.ts'
import { Refusal } from '../../src/errors.ts'
import { MINUTE, rfc3339, SECOND } from '../../src/values/time.ts'
import { type Answer, call, succeed } from './call.ts'
import { createRoute, exchangeRoute, listRoute, ways } from './discovery.ts'
import { lastMessage } from './inbox.ts'
import {
  type HeldIntermediate,
  type HeldSession,
  type Holding,
  type Listed,
  MemberModel,
  type Policy,
  type Reset,
  type Side,
  secondFacts,
  settingsOf,
  type Verdict,
} from './member_model.ts'
import { hashed, passwords, wrong } from './member_passwords.ts'
import { mostLiving, type Step, type With } from './member_step.ts'
import { give, memberIn, memberSession } from './members.ts'
import { countOrganizations, environmentOf, newOrganization } from './organizations.ts'
import { strong, stronger } from './passwords.ts'
import type { TestProject, World } from './world.ts'

const texts = [strong, stronger, 'qT5&nWz2xL!e0c']
const phones = ['+14155552000', '+14155552001']
/** More organizations than this are not founded in one run. */
const most_sides = 5

type Result = Pick<Answer, 'status' | 'body'>
type Do<Name extends Step['do']> = Extract<Step, { do: Name }>

/** One sequence of steps: a member of an organization, invited to another one, who may join a third one and found more. */
export class MemberRun {
  readonly here: World
  readonly project: TestProject
  /** One of its own: organizations of other runs shall not let it in. */
  readonly domain = `${randomUUID()}.example`
  readonly email_address = `ada@${this.domain}`
  readonly model: MemberModel
  /** How often each step came to what. */
  readonly tally: Record<string, number>
  private doing = ''

  constructor(here: World, project: TestProject, shared: boolean, tally: Record<string, number>) {
    this.here = here
    this.project = project
    this.tally = tally
    this.model = new MemberModel(shared, here.clock.now)
  }

  async begin(): Promise<void> {
    this.here.clock.advance(SECOND)
    const { here, project, model, email_address } = this
    const [first = strong] = texts
    const password = { text: first, must_reset: false }
    for (const known of [true, false]) {
      const { organization_id } = await newOrganization(here, project)
      const migrated = { organization_id, email_address, ...hashed(first) }
      const { member_id } = await succeed(here, project, passwords.migrate, migrated)
      // Somebody else may have prepared the second membership.
      if (!known) await give(here, project, member_id, { status: 'invited', email_address_verified: false })
      const person = { let_in: known, verified: known, breakglass: false, enrolled: false }
      const own = model.shared ? undefined : { ...password }
      const phone = phones[known ? 0 : 1] as string
      await this.equip(model.addSide({ organization_id, member_id, person, phone, waits: 'invited', password: own }))
    }
    if (model.shared) model.sharedPassword = password
    const letting = { email_jit_provisioning: 'RESTRICTED', email_allowed_domains: [this.domain] }
    const open = await newOrganization(here, project, letting)
    await memberIn(here, project, open, { email_address: `somebody@${this.domain}` })
    model.addSide({ organization_id: open.organization_id, phone: phones[0] as string })
  }

  async take(step: Step): Promise<void> {
    this.doing = step.do
    switch (step.do) {
      case 'policy':
        return this.setPolicy(step)
      case 'member':
        return this.setMember(step)
      case 'send':
        return this.send(step)
      case 'link':
        return this.redeemLink(step)
      case 'code':
        return this.redeemCode(step)
      case 'second':
        return this.addSecond(step)
      case 'exchange':
        return this.exchange(step)
      case 'revoke':
        return this.revoke(step)
      case 'wait':
        return this.here.clock.advance(step.minutes * MINUTE)
      case 'discover':
        return this.discover(step)
      case 'list':
        return this.list(step)
      case 'enter':
        return this.enter(step)
      case 'found':
        return this.found(step)
      case 'login':
        return this.logIn(step)
      case 'discovery_login':
        return this.discoverByPassword(step)
      case 'forget':
        return this.forget(step)
      case 'reset':
        return this.reset(step)
      case 'reset_by_session':
        return this.resetBySession(step)
      case 'reset_by_existing':
        return this.resetByExisting(step)
      case 'require_reset':
        return this.requireReset()
    }
  }

  /** Whether everything lives that should, and nothing else. */
  async survey(): Promise<void> {
    this.doing = 'survey'
    for (const session of this.model.sessions) await this.checkLiving(session)
    for (const intermediate of this.model.intermediates) await this.checkList({ intermediate })
    this.doing = 'besides'
    for (const name of this.model.happened) this.count(name)
  }

  // What organizations decide.

  private async setPolicy({ org, methods, everyone_needs_mfa, seconds }: Do<'policy'>): Promise<void> {
    const side = this.side(org)
    side.policy = { methods, everyone_needs_mfa, seconds }
    await succeed(this.here, this.project, `PUT /v1/b2b/organizations/${side.organization_id}`, fieldsOf(side.policy))
  }

  private async setMember({ org, breakglass, enrolled, doubted }: Do<'member'>): Promise<void> {
    const side = this.side(org)
    if (!side.member_id) return
    const verified = side.person.verified && !doubted
    side.person = { ...side.person, breakglass, enrolled, verified }
    const parts = { is_breakglass: breakglass, mfa_enrolled: enrolled, email_address_verified: verified }
    await give(this.here, this.project, side.member_id, parts)
  }

  /** Gives a member what second factors need. */
  private async equip(side: Side): Promise<void> {
    if (!side.member_id || side.equipped) return
    side.equipped = true
    await give(this.here, this.project, side.member_id, {
      mfa_phone: { phone_id: `member-phone-test-${randomUUID()}`, phone_number: side.phone, verified: true },
      totp: { totp_id: `member-totp-test-${randomUUID()}`, verified: true },
    })
  }

  /** The person is a member from now on, if they were none. */
  private async joined(side: Side, member_id: string): Promise<void> {
    side.member_id ??= member_id
    assert.equal(member_id, side.member_id)
    await this.equip(side)
  }

  // Proofs to an organization.

  private async send({ org, as }: Do<'send'>): Promise<void> {
    const side = this.side(org)
    const route = `POST /v1/b2b/${as === 'link' ? 'magic_links' : 'otps'}/email/login_or_signup`
    const answer = await this.mail(route, { organization_id: side.organization_id })
    if (this.refused(answer, this.model.forbidden(side, as === 'link' ? 'magic_link' : 'email_otp'))) return
    assert.equal(answer.body.member_created, side.member_id === undefined)
    await this.joined(side, answer.body.member_id)
    const { links, code } = await lastMessage(this.here, this.email_address, this.project)
    const { now, links: kept } = this.model
    if (as === 'code') side.code = { code: code as string, until: now() + 10 * MINUTE, used: false }
    else kept.push({ token: links[0]?.token as string, side, until: now() + 60 * MINUTE, used: false })
  }

  private async redeemLink({ pick, with: beside }: Do<'link'>): Promise<void> {
    const link = newest(this.model.links, pick)
    const held = this.held(beside, link?.side)
    if (!link || !held) return
    const answer = await this.ask('POST /v1/b2b/magic_links/authenticate', { magic_links_token: link.token }, held)
    await this.settle(answer, this.model.redeemLink(link, held))
  }

  private async redeemCode({ org, with: beside }: Do<'code'>): Promise<void> {
    const side = this.side(org)
    const { code, organization_id } = side
    const held = this.held(beside, side)
    if (!code || !held) return
    const body = { organization_id, email_address: this.email_address, code: code.code }
    const answer = await this.ask('POST /v1/b2b/otps/email/authenticate', body, held)
    await this.settle(answer, this.model.redeemCode(side, code, held))
  }

  /** A second factor by the verb behind every operation that takes one. */
  private async addSecond({ org, fact, with: beside }: Do<'second'>): Promise<void> {
    const side = this.side(org)
    const { organization_id, member_id } = side
    const held = this.held(beside, side)
    if (!member_id || !held) return
    const answer = await refusing(async () => {
      const { app } = this.here
      const environment = await environmentOf(this.here, this.project)
      const fields = tokensOf(held)
      const lookup = await lookUpPresentedMember(app, this.project.id, fields)
      const presented = await requirePresentedMember(app, environment, fields, lookup)
      const token = fields.intermediate_session_token
      const intermediate = token ? { token, record: await getIntermediateSession(app, environment, token) } : undefined
      const context = { presented, intermediate, locale: 'en' } as const
      const proof = await this.proofOf(member_id, fact)
      return memberSession(this.here, this.project, { organization_id }, { member_id }, proof, context)
    })
    await this.settle(answer, this.model.addSecond(side, fact, held))
  }

  private async proofOf(member_id: string, fact: string): Promise<Proof> {
    const { mfa_phone, totp } = await give(this.here, this.project, member_id, {})
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

  private async exchange({ pick, org }: Do<'exchange'>): Promise<void> {
    const session = this.session(pick)
    if (!session) return
    const side = this.side(org)
    const { organization_id } = side
    const answer = await this.ask('POST /v1/b2b/sessions/exchange', { organization_id }, { session })
    await this.settle(answer, this.model.exchange(side, session))
  }

  private async revoke({ pick }: Do<'revoke'>): Promise<void> {
    const session = this.session(pick)
    if (!session) return
    const environment = await environmentOf(this.here, this.project)
    await revokeSession(this.here.app, environment, tokenKey(this.project.id, session.token))
    session.ended = true
  }

  // Discovery.

  private async discover({ as }: Do<'discover'>): Promise<void> {
    const way = ways[as]
    await this.mail(way.send, {})
    const proof = way.proof(await lastMessage(this.here, this.email_address, this.project))
    await this.settleDiscovery(await this.ask(way.authenticate, proof), this.model.discover(way.method))
    this.refused(await this.ask(way.authenticate, proof), way.spent)
  }

  private async list({ with: beside }: Do<'list'>): Promise<void> {
    const held = this.held(beside)
    if (held?.session || held?.intermediate) await this.checkList(held)
  }

  private async enter({ pick, org }: Do<'enter'>): Promise<void> {
    const intermediate = this.intermediate(pick)
    if (!intermediate) return
    const side = this.side(org)
    const { organization_id } = side
    const answer = await this.ask(exchangeRoute, { organization_id }, { intermediate })
    await this.settle(answer, this.model.enter(side, intermediate))
  }

  private async found({ pick, methods, everyone_needs_mfa, seconds }: Do<'found'>): Promise<void> {
    const { model, here, project } = this
    const intermediate = this.intermediate(pick)
    if (!intermediate || model.sides.length >= most_sides) return
    const policy = { methods, everyone_needs_mfa, seconds }
    const before = await countOrganizations(here, project)
    const answer = await this.ask(createRoute, fieldsOf(policy), { intermediate })
    const refusal = model.refusesToFound(intermediate)
    assert.equal(await countOrganizations(here, project), refusal ? before : before + 1)
    if (this.refused(answer, refusal)) return
    const { organization, member, member_id } = answer.body
    assert.ok(!model.sides.some(({ organization_id }) => organization_id === organization.organization_id))
    assert.ok(member.roles.some(({ role_id }: { role_id: string }) => role_id === 'stytch_admin'))
    const phone = phones[model.sides.length % phones.length] as string
    const side = model.addSide({ organization_id: organization.organization_id, member_id, policy, phone })
    await this.settle(answer, model.signIn({ side, intermediate }))
  }

  // Passwords.

  private async logIn({ org, right, with: beside }: Do<'login'>): Promise<void> {
    const side = this.side(org)
    const { organization_id } = side
    const held = this.held(beside, side)
    if (!held) return
    const { email_address } = this
    const password = this.textOf(side, right)
    const answer = await this.ask(passwords.authenticate, { organization_id, email_address, password }, held)
    await this.settle(answer, this.model.logIn(side, password, held))
  }

  private async discoverByPassword({ right }: Do<'discovery_login'>): Promise<void> {
    const password = (right && this.model.sharedPassword?.text) || wrong
    const answer = await this.ask(passwords.discover, { email_address: this.email_address, password })
    await this.settleDiscovery(answer, this.model.discoverByPassword(password))
  }

  private async forget({ org, by }: Do<'forget'>): Promise<void> {
    const { model } = this
    const side = by === 'organization' ? this.side(org) : undefined
    const answer = side
      ? await this.mail(passwords.resetStart, { organization_id: side.organization_id })
      : await this.mail(passwords.discoveryResetStart, {})
    const barred = model.shared ? undefined : 'cross_org_passwords_not_enabled'
    if (this.refused(answer, side ? model.forbidden(side, 'password') : barred)) return
    if (side) await this.joined(side, answer.body.member_id)
    const [link] = (await lastMessage(this.here, this.email_address, this.project)).links
    assert.equal(link?.purpose, 'reset_password')
    model.resets.push({ token: link.token, side, until: model.now() + 30 * MINUTE, used: false })
  }

  private async reset({ pick, text, with: beside }: Do<'reset'>): Promise<void> {
    const reset = newest(this.model.resets, pick)
    const held = this.held(beside, reset?.side)
    if (!reset || !held) return
    const password = texts[text] as string
    const body = { password_reset_token: reset.token, password }
    if (isOfMember(reset)) {
      const answer = await this.ask(passwords.reset, body, held)
      await this.settle(answer, this.model.resetByMail(reset, password, held))
    } else {
      const answer = await this.ask(passwords.discoveryReset, body)
      await this.settleDiscovery(answer, this.model.resetByDiscovery(reset, password))
    }
    await this.checkAllLiving()
  }

  private async resetBySession({ pick, own, org, text }: Do<'reset_by_session'>): Promise<void> {
    const session = this.session(pick)
    if (!session) return
    const side = own ? session.side : this.side(org)
    const password = texts[text] as string
    const { organization_id } = side
    const answer = await this.ask(passwords.bySession, { organization_id, password }, { session })
    await this.settle(answer, this.model.resetBySession(side, session, password))
    await this.checkAllLiving()
  }

  private async resetByExisting({ org, right, text, with: beside }: Do<'reset_by_existing'>): Promise<void> {
    const side = this.side(org)
    const { organization_id } = side
    const held = beside.kind === 'session' ? this.held(beside, side) : {}
    if (!held) return
    const [existing_password, new_password] = [this.textOf(side, right), texts[text] as string]
    const body = { organization_id, email_address: this.email_address, existing_password, new_password }
    const answer = await this.ask(passwords.byExisting, body, held)
    await this.settle(answer, this.model.resetByExisting(side, existing_password, new_password, held))
    await this.checkAllLiving()
  }

  private async requireReset(): Promise<void> {
    const answer = await this.ask(passwords.requireReset, { email_address: this.email_address })
    this.refused(answer, this.model.requireReset())
  }

  private textOf(side: Side, right: boolean): string {
    return (right && this.model.passwordOf(side)?.text) || wrong
  }

  // Asking.

  private side(index: number): Side {
    const { sides } = this.model
    return sides[index % sides.length] as Side
  }

  /** Undefined when there is none of that kind. */
  private held({ kind, pick, own }: With, side?: Side): Holding | undefined {
    const { sessions } = this.model
    const theirs = sessions.filter((one) => one.side === side)
    const session = kind === 'session' ? this.session(pick, own && theirs.length > 0 ? theirs : sessions) : undefined
    const intermediate = kind === 'intermediate' ? this.intermediate(pick) : undefined
    if (kind === 'nothing') return {}
    return session ? { session } : intermediate && { intermediate }
  }

  private session(pick: number, among = this.model.sessions): HeldSession | undefined {
    return newest(pick < mostLiving ? among.filter((session) => !this.model.dead({ session })) : among, pick)
  }

  private intermediate(pick: number): HeldIntermediate | undefined {
    const { intermediates: all } = this.model
    return newest(pick < mostLiving ? all.filter((intermediate) => !this.model.dead({ intermediate })) : all, pick)
  }

  private ask(route: string, body: object, held: Holding = {}): Promise<Answer> {
    return call(this.here, this.project, route, { ...body, ...tokensOf(held) })
  }

  /** Asks for a mail to the person, a second after whatever was before. */
  private mail(route: string, body: object): Promise<Answer> {
    this.here.clock.advance(SECOND)
    return this.ask(route, { email_address: this.email_address, ...body })
  }

  // Holding answers against the model.

  /** Whether it was refused, as it should be. */
  private refused({ status, body }: Result, refusal: string | undefined): boolean {
    this.count(refusal ?? 'done')
    if (refusal) assert.deepEqual([status >= 400, body.error_type], [true, refusal], JSON.stringify(body))
    else assert.equal(status, 200, JSON.stringify(body))
    return refusal !== undefined
  }

  private async settle(answer: Result, outcome: string | Verdict): Promise<void> {
    if (typeof outcome === 'string') {
      this.refused(answer, outcome)
      return
    }
    const { status, body } = answer
    const { side, need, session, intermediate } = outcome
    this.count(session ? 'session' : 'withheld')
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual(
      { authenticated: body.member_authenticated, ...needOf(body) },
      { authenticated: session !== undefined, ...need },
      JSON.stringify({ ...side, ...outcome }),
    )
    const { status: standing, email_address_verified } = body.member
    const { let_in, verified } = side.person
    assert.deepEqual([standing, email_address_verified], [let_in ? 'active' : side.waits, verified])
    assert.equal(body.organization.organization_id, side.organization_id)
    if (session) this.checkOpened(body, session)
    if (intermediate) this.checkWithheld(body, intermediate)
    await this.joined(side, body.member_id)
  }

  private checkOpened(body: Answer['body'], session: HeldSession): void {
    assert.equal(body.intermediate_session_token, '')
    this.recognise(session, body.session_token)
    this.checkSession(body.member_session, session)
  }

  private checkWithheld(body: Answer['body'], intermediate: HeldIntermediate): void {
    assert.deepEqual([body.session_token, body.session_jwt, body.member_session], ['', '', null])
    this.recognise(intermediate, body.intermediate_session_token)
    assert.equal(body.intermediate_session_token_expires_at, rfc3339(intermediate.until))
    if (body.primary_required) assert.equal(body.mfa_required?.secondary_auth_initiated ?? null, null)
  }

  /** The token is the one that is known, or was never seen. */
  private recognise(held: HeldSession | HeldIntermediate, token: string): void {
    const { sessions, intermediates } = this.model
    if (held.token === '') {
      assert.ok(token && ![...sessions, ...intermediates].some((one) => one.token === token))
      held.token = token
    }
    assert.equal(token, held.token)
  }

  private checkSession(shown: Answer['body'], { side, facts, until }: HeldSession): void {
    assert.deepEqual(factsIn(shown, side), new Map([...facts].map(([fact, time]) => [fact, rfc3339(time)])))
    assert.equal(shown.expires_at, rfc3339(until))
    assert.equal(shown.organization_id, side.organization_id)
  }

  private async settleDiscovery(answer: Result, outcome: string | HeldIntermediate): Promise<void> {
    if (this.refused(answer, typeof outcome === 'string' ? outcome : undefined)) return
    const { body } = answer
    const intermediate = outcome as HeldIntermediate
    this.recognise(intermediate, body.intermediate_session_token)
    assert.equal(body.email_address, this.email_address)
    assert.equal(body.intermediate_session_token_expires_at, rfc3339(intermediate.until))
    assert.deepEqual(listedIn(body), this.model.list({ intermediate }))
  }

  private async checkList(held: Holding): Promise<void> {
    const answer = await this.ask(listRoute, {}, held)
    const listed = this.model.list(held)
    if (this.refused(answer, typeof listed === 'string' ? listed : undefined)) return
    assert.deepEqual(listedIn(answer.body), listed)
  }

  private async checkAllLiving(): Promise<void> {
    for (const session of this.model.sessions) await this.checkLiving(session)
  }

  private async checkLiving(session: HeldSession): Promise<void> {
    const { status, body } = await this.ask('POST /v1/b2b/sessions/authenticate', {}, { session })
    const refusal = this.model.dead({ session })
    assert.equal(status === 200 ? undefined : body.error_type, refusal)
    if (!refusal) this.checkSession(body.member_session, session)
  }

  private count(outcome: string): void {
    const name = `${this.doing}: ${outcome}`
    this.tally[name] = (this.tally[name] ?? 0) + 1
  }
}

/** What a request says of the settings of an organization. */
function fieldsOf(policy: Policy): object {
  const { allowed_auth_methods, allowed_mfa_methods, ...settings } = settingsOf(policy)
  return {
    ...settings,
    ...(policy.methods ? { allowed_auth_methods } : {}),
    ...(policy.seconds ? { allowed_mfa_methods } : {}),
  }
}

function tokensOf({ session, intermediate }: Holding): { session_token?: string; intermediate_session_token?: string } {
  if (session) return { session_token: session.token }
  return intermediate ? { intermediate_session_token: intermediate.token } : {}
}

/** Counted from the last one, around. */
function newest<T>(pool: T[], pick: number): T | undefined {
  return pool.at(-1 - (pick % Math.max(1, pool.length)))
}

function isOfMember(reset: Reset): reset is Reset & { side: Side } {
  return reset.side !== undefined
}

function needOf({ primary_required, mfa_required }: Answer['body']) {
  return { methods: primary_required?.allowed_auth_methods ?? null, mfa: mfa_required !== null }
}

/** What a list of organizations says of each of them. */
function listedIn(body: Answer['body']): Map<string, Listed> {
  const listed = new Map<string, Listed>()
  for (const one of body.discovered_organizations) {
    const need = needOf(one)
    assert.equal(one.member_authenticated, need.methods === null && !need.mfa)
    listed.set(one.organization.organization_id, { type: one.membership.type, ...need })
  }
  assert.equal(listed.size, body.discovered_organizations.length)
  return listed
}

/** What a session says has been proven, and when last; nothing but recovery codes is there twice. */
function factsIn(session: Answer['body'], { organization_id, phone }: Side): Map<string, string> {
  const facts = new Map<string, string>()
  for (const { type, last_authenticated_at: time } of session.authentication_factors) {
    const fact = secondFacts.includes(type) ? `${type}@${type === 'otp' ? phone : organization_id}` : type
    const known = facts.get(fact)
    assert.ok(known === undefined || type === 'recovery_codes', `${fact} is there twice.`)
    facts.set(fact, known !== undefined && known > time ? known : time)
  }
  return facts
}

async function refusing(work: () => Promise<Answer['body']>): Promise<Result> {
  try {
    return { status: 200, body: await work() }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: error.status, body: { error_type: error.error_type } }
  }
}
