/** What may happen to the sign-ins of one person in some organizations: single steps, drawn at random. */
import fc from 'fast-check'
import type { AuthMethod, MfaMethod } from '../../src/domain/organizations/row.ts'
import { type Policy, secondFacts } from './member_model.ts'

/** What a step presents; with `own` a session of the member whom the step is about, if there is one. */
export type With = { kind: 'nothing' | 'session' | 'intermediate'; pick: number; own: boolean }

/** `org` is taken modulo what there is; `pick` counts from the newest, up to `mostLiving` of those that live, beyond of all. */
export type Step =
  | ({ do: 'policy'; org: number } & Policy)
  | { do: 'member'; org: number; breakglass: boolean; enrolled: boolean; doubted: boolean }
  | { do: 'send'; org: number; as: 'link' | 'code' }
  | { do: 'link'; pick: number; with: With }
  | { do: 'code'; org: number; with: With }
  | { do: 'second'; org: number; fact: string; with: With }
  | { do: 'exchange'; pick: number; org: number }
  | { do: 'revoke'; pick: number }
  | { do: 'wait'; minutes: number }
  | { do: 'discover'; as: 'link' | 'code' }
  | { do: 'list'; with: With }
  | { do: 'enter'; pick: number; org: number }
  | ({ do: 'found'; pick: number } & Policy)
  | { do: 'login'; org: number; right: boolean; with: With }
  | { do: 'discovery_login'; right: boolean }
  | { do: 'forget'; org: number; by: 'organization' | 'discovery' }
  | { do: 'reset'; pick: number; text: number; with: With }
  | { do: 'reset_by_session'; pick: number; own: boolean; org: number; text: number }
  | { do: 'reset_by_existing'; org: number; right: boolean; text: number; with: With }
  | { do: 'require_reset' }

export const mostLiving = 6

const org = fc.nat({ max: 11 })
const pick = fc.nat({ max: mostLiving + 1 })
const text = fc.nat({ max: 2 })
const as = fc.constantFrom('link' as const, 'code' as const)
const mostly = fc.constantFrom(true, true, true, false)
const beside: fc.Arbitrary<With> = fc.record({
  kind: fc.constantFrom('nothing' as const, 'session' as const, 'intermediate' as const),
  pick,
  own: mostly,
})
const some = <T>(items: T[]) =>
  fc.option(fc.subarray(items, { minLength: 1 }), { nil: undefined, freq: 2 }) as fc.Arbitrary<T[] | undefined>
const policy = {
  methods: some<AuthMethod>(['magic_link', 'email_otp', 'password', 'sso']),
  everyone_needs_mfa: fc.boolean(),
  seconds: some<MfaMethod>(['sms_otp', 'totp']),
}

function draw<Name extends Step['do'], Parts>(
  weight: number,
  name: Name,
  parts: { [K in keyof Parts]: fc.Arbitrary<Parts[K]> },
) {
  return { weight, arbitrary: fc.record({ do: fc.constant(name), ...parts }) as unknown as fc.Arbitrary<Step> }
}

export const step: fc.Arbitrary<Step> = fc.oneof(
  draw(5, 'policy', { org, ...policy }),
  draw(2, 'member', { org, breakglass: fc.boolean(), enrolled: fc.boolean(), doubted: fc.boolean() }),
  draw(4, 'send', { org, as }),
  draw(5, 'link', { pick, with: beside }),
  draw(4, 'code', { org, with: beside }),
  draw(6, 'second', { org, fact: fc.constantFrom(...secondFacts), with: beside }),
  draw(4, 'exchange', { pick, org }),
  draw(1, 'revoke', { pick }),
  draw(2, 'wait', { minutes: fc.constantFrom(1, 4, 4, 11, 31, 61) }),
  draw(3, 'discover', { as }),
  draw(3, 'list', { with: beside }),
  draw(7, 'enter', { pick, org }),
  draw(1, 'found', { pick, ...policy }),
  draw(6, 'login', { org, right: mostly, with: beside }),
  draw(2, 'discovery_login', { right: mostly }),
  draw(4, 'forget', {
    org,
    by: fc.constantFrom('organization' as const, 'organization' as const, 'discovery' as const),
  }),
  draw(6, 'reset', { pick, text, with: beside }),
  draw(3, 'reset_by_session', { pick, own: mostly, org, text }),
  draw(2, 'reset_by_existing', { org, right: mostly, text, with: beside }),
  draw(1, 'require_reset', {}),
)
