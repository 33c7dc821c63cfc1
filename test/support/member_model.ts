/**
 * What signing in to organizations must come to (reference: b2b.md §1.5, §1.9, §3, §6, §7.3; docs/decisions.md), in as few words as
 * possible and none of the code's: it knows one person by one address, in some organizations, and calls nothing.
 */
import type { AuthMethod, MfaMethod } from '../../src/domain/organizations/row.ts'
import { MINUTE } from '../../src/values/time.ts'

export type Policy = {
  /** Undefined: every method. */
  methods: AuthMethod[] | undefined
  everyone_needs_mfa: boolean
  /** Undefined: every method. */
  seconds: MfaMethod[] | undefined
}
/** The settings of an organization with that policy. */
export function settingsOf({ methods, everyone_needs_mfa, seconds }: Policy) {
  return {
    auth_methods: methods ? 'RESTRICTED' : 'ALL_ALLOWED',
    allowed_auth_methods: methods ?? [],
    mfa_policy: everyone_needs_mfa ? 'REQUIRED_FOR_ALL' : 'OPTIONAL',
    mfa_methods: seconds ? 'RESTRICTED' : 'ALL_ALLOWED',
    allowed_mfa_methods: seconds ?? [],
  } as const
}

export type Person = { let_in: boolean; verified: boolean; breakglass: boolean; enrolled: boolean }
export type Known = { facts: string[]; own_address: boolean; session: boolean }
export type Need = { methods: string[] | null; mfa: boolean }

const observed = ['sso', 'magic_link', 'password', 'google_oauth', 'microsoft_oauth', 'email_otp']
const silent = ['slack_oauth', 'github_oauth', 'hubspot_oauth']
const provers = ['magic_link', 'email_otp']
export const secondFacts = ['otp', 'totp', 'recovery_codes']

/** What is still demanded (§1.5, steps 2 to 6, and OC-7). */
export function demanded(policy: Policy, person: Person, known: Known): Need {
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

/** What was proven, and when last. A second factor says whose it is: `otp@+1415…`, `totp@organization-…`. */
export type Facts = Map<string, number>
type Password = { text: string; must_reset: boolean }

/** An organization, with the person as its member. */
export type Side = {
  organization_id: string
  /** Undefined while the person only could join. */
  member_id: string | undefined
  policy: Policy
  person: Person
  /** What the person is before being let in. */
  waits: 'invited' | 'pending'
  phone: string
  /** Whether the member has the number and an authenticator app. */
  equipped: boolean
  /** Where passwords are single members'. */
  password: Password | undefined
  code: { code: string; until: number; used: boolean } | undefined
}

/** A session or an intermediate one. The token is empty until somebody was told. */
type Held = { token: string; facts: Facts; until: number; ended: boolean }
export type HeldSession = Held & { side: Side }
export type HeldIntermediate = Held & {
  /** The organization whose login it comes out of; undefined for discovery. */
  from: string | undefined
  /** Whether it counts there only. */
  bound: boolean
  /** Whether the address is proven by more than the facts. */
  proven: boolean
}
export type Holding = { session?: HeldSession; intermediate?: HeldIntermediate }
export type Link = { token: string; side: Side; until: number; used: boolean }
/** A link to reset a password: of a member, or of the address. */
export type Reset = { token: string; side: Side | undefined; until: number; used: boolean }

/** What a sign-in that is not refused comes to: one of the two sessions. */
export type Verdict = {
  side: Side
  need: Need
  session: HeldSession | undefined
  intermediate: HeldIntermediate | undefined
}
/** An organization in the list of those where one can go. */
export type Listed = Need & { type: string }

type SignIn = Holding & {
  side: Side
  fact?: string
  /** A session that has just been ended, whose place a new one takes. */
  continued?: HeldSession | undefined
  carried?: Facts
  /** Whether the address is known by an earlier proof. */
  own_address?: boolean
  /** Whether it has just been proven by a password that was set through a mailed link. */
  mailed?: boolean
}

const restricted = 'operation_restricted_by_organization_auth_methods'
const unproven = { let_in: false, verified: false, breakglass: false, enrolled: false }

/** The model of one person; verbs answer a refusal or what comes of it, and note what follows. */
export class MemberModel {
  /** Whether passwords are of the address, and not of single members. */
  readonly shared: boolean
  readonly now: () => number
  sides: Side[] = []
  sessions: HeldSession[] = []
  intermediates: HeldIntermediate[] = []
  links: Link[] = []
  resets: Reset[] = []
  sharedPassword: Password | undefined
  /** What happened besides, by name. */
  readonly happened: string[] = []

  constructor(shared: boolean, now: () => number) {
    this.shared = shared
    this.now = now
  }

  addSide(parts: Pick<Side, 'organization_id' | 'phone'> & Partial<Side>): Side {
    const policy = { methods: undefined, everyone_needs_mfa: false, seconds: undefined }
    const nothing = { member_id: undefined, equipped: false, password: undefined, code: undefined }
    const side: Side = { ...nothing, policy, person: { ...unproven }, waits: 'pending', ...parts }
    this.sides.push(side)
    return side
  }

  // Mailed links and codes of an organization.

  /** What asking an organization for a mail is refused with, or its redeeming without an intermediate session (OC-10). */
  forbidden({ policy: { methods }, person }: Side, method: AuthMethod, held: Holding = {}): string | undefined {
    if (held.intermediate || methods === undefined || person.breakglass || methods.includes(method)) return undefined
    return restricted
  }

  redeemLink(link: Link, held: Holding): string | Verdict {
    const { side } = link
    const refusal =
      this.dead(held) ??
      (this.spent(link) ? 'unable_to_auth_magic_link' : undefined) ??
      this.forbidden(side, 'magic_link', held) ??
      this.elsewhere(held, side)
    if (refusal) return refusal
    link.used = true
    return this.signIn({ side, fact: 'magic_link', ...held })
  }

  redeemCode(side: Side, code: NonNullable<Side['code']>, held: Holding): string | Verdict {
    const refusal =
      this.dead(held) ??
      this.forbidden(side, 'email_otp', held) ??
      (this.spent(code) ? 'unable_to_auth_otp_code' : undefined) ??
      this.elsewhere(held, side)
    if (refusal) return refusal
    code.used = true
    return this.signIn({ side, fact: 'email_otp', ...held })
  }

  addSecond(side: Side, fact: string, held: Holding): string | Verdict {
    const whose = fact === 'otp' ? side.phone : side.organization_id
    return this.dead(held) ?? this.elsewhere(held, side) ?? this.signIn({ side, fact: `${fact}@${whose}`, ...held })
  }

  // Discovery (§6).

  discover(fact: string, own_address = false): HeldIntermediate {
    return this.start({ facts: new Map([[fact, this.now()]]), from: undefined, bound: false, proven: own_address })
  }

  /** Where an intermediate session or a session leads, by organization (§6.2). */
  list({ session, intermediate }: Holding): string | Map<string, Listed> {
    const refusal = this.dead({ session, intermediate } as Holding) ?? this.elsewhere({ intermediate } as Holding)
    if (refusal) return refusal
    const seen = this.sides.filter(({ member_id }) => member_id || intermediate)
    return new Map(seen.map((side) => [side.organization_id, this.listed(side, { session, intermediate } as Holding)]))
  }

  private listed(side: Side, { session, intermediate }: Holding): Listed {
    const { person, waits, member_id } = side
    const type = member_id ? `${person.let_in ? 'active' : waits}_member` : 'eligible_to_join_by_email_domain'
    if (session?.side === side) return { type, methods: null, mfa: false }
    const { facts, own_address } = session
      ? this.carriedTo(side, session)
      : { facts: this.brought(side, intermediate), own_address: intermediate?.proven === true }
    return { type, ...demanded(side.policy, person, { facts: bareOf(facts), own_address, session: false }) }
  }

  /** An intermediate session in exchange for an organization (§6.3). */
  enter(side: Side, intermediate: HeldIntermediate): string | Verdict {
    return this.dead({ intermediate }) ?? this.elsewhere({ intermediate }, side) ?? this.signIn({ side, intermediate })
  }

  /** Whether an intermediate session can found an organization (§6.4). */
  refusesToFound(intermediate: HeldIntermediate): string | undefined {
    return this.dead({ intermediate }) ?? this.elsewhere({ intermediate })
  }

  /** A session in exchange for another organization (§1.9). */
  exchange(side: Side, session: HeldSession): string | Verdict {
    const dead = this.dead({ session })
    if (dead) return dead
    if (!side.member_id) return 'member_not_found'
    if (session.side === side) return this.opened(side, { methods: null, mfa: false }, new Map(session.facts))
    const { facts, own_address, counts } = this.carriedTo(side, session)
    if (!counts) return 'insufficient_factors_for_session_exchange'
    return this.signIn({ side, carried: facts, own_address })
  }

  /** Mailed proofs, numbers that are the same, shared passwords; of somebody unproven only what proves the address. */
  private carriedTo(side: Side, { side: source, facts }: HeldSession) {
    const own_address = source.person.verified
    const goes = (fact: string) =>
      provers.includes(fact) ||
      (own_address && fact === 'password' && this.shared) ||
      (own_address && fact === `otp@${side.phone}` && side.phone === source.phone && side.equipped && source.equipped)
    const first = [...facts.keys()].filter((fact) => !fact.includes('@'))
    const counts = first.some((fact) => own_address || provers.includes(fact))
    return { facts: new Map([...facts].filter(([fact]) => counts && goes(fact))), own_address, counts }
  }

  // Passwords (§7.3).

  passwordOf(side: Side): Password | undefined {
    if (!this.shared) return side.password
    return side.member_id ? this.sharedPassword : undefined
  }

  logIn(side: Side, text: string, held: Holding): string | Verdict {
    return (
      this.dead(held) ??
      this.forbidden(side, 'password', held) ??
      wrong(this.passwordOf(side), text, 'member_reset_password') ??
      this.elsewhere(held, side) ??
      this.signIn({ side, fact: 'password', ...held })
    )
  }

  discoverByPassword(text: string): string | HeldIntermediate {
    if (!this.shared) return 'cross_org_passwords_not_enabled'
    return wrong(this.sharedPassword, text, 'member_reset_password') ?? this.discover('password')
  }

  /** A password set by a mailed link to a member: the address is proven, whatever else is missing. */
  resetByMail(reset: Reset & { side: Side }, text: string, held: Holding): string | Verdict {
    const { side } = reset
    const refusal =
      this.dead(held) ??
      (this.spent(reset) ? 'unable_to_auth_password_reset_token' : undefined) ??
      this.forbidden(side, 'password', held) ??
      this.elsewhere(held, side)
    if (refusal) return refusal
    this.setPassword(side, text, held.intermediate)
    side.person = { ...side.person, verified: true }
    return this.signIn({ side, fact: 'password', mailed: true, ...this.continuing(side, held) })
  }

  resetByDiscovery(reset: Reset, text: string): string | HeldIntermediate {
    if (this.spent(reset)) return 'unable_to_auth_password_reset_token'
    this.setPassword(undefined, text)
    return this.discover('password', true)
  }

  /** A password set by a session that has proven in the last five minutes who it is. */
  resetBySession(side: Side, session: HeldSession, text: string): string | Verdict {
    const refusal =
      this.dead({ session }) ??
      (session.side === side ? undefined : 'session_authorization_tenancy_error') ??
      this.forbidden(side, 'password') ??
      (side.person.verified ? undefined : 'member_has_no_active_verified_email') ??
      this.stale(session)
    if (refusal) return refusal
    this.setPassword(side, text, session)
    return this.signIn({ side, fact: 'password', session })
  }

  private stale({ side, facts }: HeldSession): string | undefined {
    const counting = this.passwordOf(side)?.must_reset === false ? [...provers, 'password'] : provers
    const times = [...facts].filter(([fact]) => counting.includes(fact)).map(([, time]) => time)
    if (times.length === 0) return 'invalid_session_missing_primary_factor'
    return this.now() - Math.max(...times) > 5 * MINUTE ? 'session_too_old_to_reset_password' : undefined
  }

  resetByExisting(side: Side, existing: string, text: string, held: Holding): string | Verdict {
    const refusal =
      this.dead(held) ??
      this.forbidden(side, 'password') ??
      wrong(this.passwordOf(side), existing, 'cannot_reset_password_with_existing_password')
    if (refusal) return refusal
    this.setPassword(side, text)
    return this.signIn({ side, fact: 'password', ...this.continuing(side, held) })
  }

  requireReset(): string | undefined {
    if (!this.shared) return 'cross_org_passwords_not_enabled'
    if (!this.sharedPassword) return 'member_password_not_found'
    const active = this.sides.filter(({ person }) => person.let_in)
    if (active.length > 1) this.sharedPassword.must_reset = true
    else this.sharedPassword = undefined
    return undefined
  }

  /** Ends the sessions of everybody who has the password, what is on the way to one, and other links to reset it. */
  private setPassword(side: Side | undefined, text: string, kept?: HeldSession | HeldIntermediate): void {
    const theirs = (one: Side | undefined) => this.shared || one === side
    const password = { text, must_reset: false }
    if (this.shared) this.sharedPassword = password
    else if (side) side.password = password
    const from = (one: HeldIntermediate) => this.shared || one.from === side?.organization_id
    this.end('a reset ends a session', this.sessions, (one) => theirs(one.side) && one !== kept)
    this.end('a reset ends an intermediate session', this.intermediates, (one) => from(one) && one !== kept)
    for (const one of this.resets) if (theirs(one.side)) one.used = true
  }

  /** The own session that is presented has ended with the others, and is continued. One of somebody else is ignored. */
  private continuing(side: Side, { session, intermediate }: Holding): Pick<SignIn, 'continued' | 'intermediate'> {
    const continued = session?.side === side ? { continued: session } : {}
    return intermediate ? { ...continued, intermediate } : continued
  }

  // What all of them share.

  /** What a session or an intermediate one is refused with that lives no more. */
  dead({ session, intermediate }: Holding): string | undefined {
    if (session && (session.ended || session.until <= this.now())) return 'session_not_found'
    if (intermediate && (intermediate.ended || intermediate.until <= this.now()))
      return 'intermediate_session_not_found'
    return undefined
  }

  private end<T extends Held>(name: string, held: T[], which: (one: T) => boolean): void {
    for (const one of held.filter((one) => which(one) && !this.spent({ used: one.ended, until: one.until }))) {
      one.ended = true
      this.happened.push(name)
    }
  }

  /** An intermediate session that counts in another organization only; discovery takes none that counts in one only (§3.4). */
  private elsewhere({ intermediate }: Holding, side?: Side): string | undefined {
    if (!intermediate?.bound || (side && intermediate.from === side.organization_id)) return undefined
    return 'invalid_intermediate_session_token_for_organization'
  }

  private spent({ used, until }: { used: boolean; until: number }): boolean {
    return used || until <= this.now()
  }

  /** What of an intermediate session is this member's own. Nobody can tell whose recovery code it was that one has seen. */
  private brought(side: Side, intermediate: HeldIntermediate | undefined): Facts {
    const own = [`otp@${side.phone}`, `totp@${side.organization_id}`]
    const counts = (fact: string) => !fact.includes('@') || (side.equipped && own.includes(fact))
    return new Map([...(intermediate?.facts ?? [])].filter(([fact]) => counts(fact)))
  }

  /** The decision of §1.5, and what it leads to. */
  signIn({ side, fact, session, intermediate, continued, carried, own_address, mailed }: SignIn): Verdict {
    const presented = session?.side === side ? session : undefined
    const proof: Facts = new Map(fact ? [[fact, this.now()]] : [])
    const fresh: Facts = new Map([...this.brought(side, intermediate), ...(carried ?? []), ...proof])
    const facts: Facts = new Map([...((presented ?? continued)?.facts ?? []), ...fresh])
    const proven = mailed || intermediate?.proven === true
    const known = {
      facts: bareOf(facts),
      own_address: own_address || proven,
      session: (presented ?? continued) !== undefined,
    }
    const need = demanded(side.policy, side.person, known)
    if (need.methods === null) this.letIn(side, facts, presented)
    if (need.methods !== null || need.mfa) {
      const bound = fact === 'password' && !this.shared
      const kept: Facts = new Map([...(intermediate?.facts ?? []), ...(carried ?? []), ...proof])
      return { side, need, session: undefined, intermediate: this.withheld(side, kept, bound, proven, intermediate) }
    }
    if (intermediate) intermediate.ended = true
    if (continued) this.happened.push('a session takes the place of one that a reset has ended')
    if (proven) this.happened.push('a session comes of an address that is proven beside the factors')
    if (!presented) return this.opened(side, need, facts, continued?.until)
    presented.facts = facts
    return { side, need, session: presented, intermediate: undefined }
  }

  /** Until the address is proven somebody else may have prepared the membership. */
  private letIn(side: Side, facts: Facts, presented: HeldSession | undefined): void {
    if (!side.person.verified) {
      const others = (one: HeldSession) => one.side === side && one !== presented
      this.end('the first proof of an address ends a session', this.sessions, others)
      if (side.password && !facts.has('password')) {
        side.password.must_reset = true
        this.happened.push('the first proof of an address demands another password')
      }
    }
    side.person = { ...side.person, let_in: true, verified: true }
  }

  private opened(side: Side, need: Need, facts: Facts, until = this.now() + 60 * MINUTE): Verdict {
    const session = { token: '', side, facts, until, ended: false }
    this.sessions.push(session)
    return { side, need, session, intermediate: undefined }
  }

  private withheld(
    { organization_id }: Side,
    facts: Facts,
    bound: boolean,
    proven: boolean,
    given: HeldIntermediate | undefined,
  ): HeldIntermediate {
    if (!given) return this.start({ facts, from: organization_id, bound, proven })
    const place = bound ? { from: organization_id, bound } : {}
    return Object.assign(given, { facts, proven, ...place })
  }

  private start(parts: Pick<HeldIntermediate, 'facts' | 'from' | 'bound' | 'proven'>): HeldIntermediate {
    const intermediate = { token: '', until: this.now() + 10 * MINUTE, ended: false, ...parts }
    this.intermediates.push(intermediate)
    return intermediate
  }
}

function wrong(stored: Password | undefined, text: string, refusal: string): string | undefined {
  if (stored?.text !== text) return 'unauthorized_credentials'
  return stored.must_reset ? refusal : undefined
}

function bareOf(facts: Facts): string[] {
  return [...new Set([...facts.keys()].map((fact) => fact.split('@')[0] as string))]
}
