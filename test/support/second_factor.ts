/** Members on their way through the second factor, for tests. */
import { totpCode, totpStep } from '../../src/crypto/totp.ts'
import type { NewMember } from '../../src/domain/members/member.ts'
import type { Member } from '../../src/domain/members/row.ts'
import { newId } from '../../src/values/id.ts'
import { MINUTE } from '../../src/values/time.ts'
import { type Answer, call, refuse, succeed } from './call.ts'
import { lastMessage, messagesTo } from './inbox.ts'
import { give, memberIn, memberSession, stored } from './members.ts'
import { toPeriodStart } from './one_time_codes.ts'
import { newOrganization } from './organizations.ts'
import { type Engine, type TestProject, type World, world } from './world.ts'

export const phone = '+14155550123'
export const sendRoute = 'POST /v1/b2b/otps/sms/send'
export const smsRoute = 'POST /v1/b2b/otps/sms/authenticate'
export const enrolRoute = 'POST /v1/b2b/totp'
export const totpRoute = 'POST /v1/b2b/totp/authenticate'
export const recoverRoute = 'POST /v1/b2b/recovery_codes/recover'

/** Status and type of a refusal. */
export type Expected = readonly [status: number, error_type: string]

/** A verified phone number for `give`. */
export function verifiedPhone(phone_number = phone): { mfa_phone: NonNullable<Member['mfa_phone']> } {
  return { mfa_phone: { phone_id: newId('member-phone', 'TEST'), phone_number, verified: true } }
}

/**
 * A world, a B2B project, and in it an organization with a member; both as given, and the calls that tests make about that
 * member. The limit of messages begins anew.
 */
export async function memberScene(
  engine: Engine,
  {
    settings = {},
    given = {},
    parts = {},
  }: { settings?: object; given?: Partial<NewMember>; parts?: Partial<Member> } = {},
  around: (here: World) => World = (here) => here,
) {
  const here = around(await world(engine))
  toPeriodStart(here, 600)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, settings)
  const { member_id } = await memberIn(here, project, organization, given)
  const member = await give(here, project, member_id, parts)
  return { here, project, organization, member, ...callsAbout(here, project, organization, member) }
}

/** The calls that tests make about a member. */
export function callsAbout(
  here: World,
  project: TestProject,
  organization: { organization_id: string },
  { member_id }: Pick<Member, 'member_id'>,
) {
  const named = { organization_id: organization.organization_id, member_id }
  return {
    named,
    /** What signing in by a mailed link answers. */
    signIn: (
      ...more: Parameters<typeof memberSession> extends [unknown, unknown, unknown, unknown, ...infer Rest] ? Rest : []
    ) => memberSession(here, project, organization, { member_id }, ...more),
    ask: (route: string, body: object): Promise<Answer> => call(here, project, route, { ...named, ...body }),
    succeedAt: (route: string, body: object = {}): Promise<Answer['body']> =>
      succeed(here, project, route, { ...named, ...body }),
    refuseAt: (route: string, body: object, [status, error_type]: Expected) =>
      refuse(here, project, route, { ...named, ...body }, status, error_type),
    /** Has a code sent, and reads it. */
    async newCode(body: object = {}): Promise<string> {
      const { member } = await succeed(here, project, sendRoute, { ...named, ...body })
      return (await lastMessage(here, member.mfa_phone_number, project)).code as string
    },
    /** Enrols an authenticator app: its ids and codes, and what it shows `steps` times 30 seconds from now. */
    async enrol(body: object = {}) {
      const reply = await succeed(here, project, enrolRoute, { ...named, ...body })
      const { totp_registration_id, secret, recovery_codes } = reply
      const code = (steps = 0) => totpCode(secret, totpStep(here.clock.now()) + steps)
      return { totp_registration_id, secret, recovery_codes: recovery_codes as string[], code }
    },
    sent: (to = phone) => messagesTo(here, to, project),
    now: () => stored(here, project, member_id),
    /** How many sessions of the member live. */
    async sessions(): Promise<number> {
      const rows = await here.app.store.read
        .selectFrom('sessions')
        .select('session_id')
        .where('project_id', '=', project.id)
        .where('owner_id', '=', member_id)
        .where('revoked_at', 'is', null)
        .execute()
      return rows.length
    },
    lock: () =>
      give(here, project, member_id, {
        lock_created_at: here.clock.now(),
        lock_expires_at: here.clock.now() + 60 * MINUTE,
      }),
  }
}

/** Changes settings of an organization. */
export async function updateOrganization(
  here: World,
  project: TestProject,
  { organization_id }: { organization_id: string },
  settings: object,
): Promise<void> {
  await succeed(here, project, `PUT /v1/b2b/organizations/${organization_id}`, settings)
}

/** How many answers are that refusal. */
export function count(answers: Answer[], [status, error_type]: Expected): number {
  return answers.filter((one) => one.status === status && one.body.error_type === error_type).length
}
