/** The two ways a member comes in by email, a link or a code: asked for, read from the inbox, authenticated. */
import type { Member } from '../../src/domain/members/row.ts'
import type { InboxMessage } from '../../src/domain/messages/message.ts'
import { SECOND } from '../../src/values/time.ts'
import { type Answer, call, refuse, succeed } from './call.ts'
import { lastMessage, messagesTo } from './inbox.ts'
import { memberIn } from './members.ts'
import { newOrganization } from './organizations.ts'
import { type Engine, type TestProject, type World, world } from './world.ts'

const link = {
  method: 'magic_link',
  send: 'POST /v1/b2b/magic_links/email/login_or_signup',
  authenticate: 'POST /v1/b2b/magic_links/authenticate',
  templates: { login: 'login', signup: 'signup' },
  spent: 'unable_to_auth_magic_link',
  minutes: { usual: 60, least: 5, most: 10_080, refusal: 'invalid_expiration' },
  /** What the request that authenticates says of a message. */
  proof: ({ links }: Pick<InboxMessage, 'links' | 'code' | 'to'>, _organization_id: string): object => ({
    magic_links_token: links[0]?.token,
  }),
}
const code: typeof link = {
  method: 'email_otp',
  send: 'POST /v1/b2b/otps/email/login_or_signup',
  authenticate: 'POST /v1/b2b/otps/email/authenticate',
  templates: { login: 'otp_login', signup: 'otp_signup' },
  spent: 'unable_to_auth_otp_code',
  minutes: { usual: 10, least: 2, most: 15, refusal: 'invalid_expiration_otp' },
  proof: ({ code, to: email_address }, organization_id) => ({ organization_id, email_address, code }),
}

export type Way = 'link' | 'code'
export const ways = { link, code }

/** An organization that lets in who has an address at example.com. */
export const open = { email_jit_provisioning: 'RESTRICTED', email_allowed_domains: ['example.com'] }

/** A B2B project with an organization, and the calls of one way in. */
export async function memberScene(engine: Engine, way: Way, settings: object = {}) {
  const here = await world(engine)
  const project = await here.project('B2B')
  const organization = await newOrganization(here, project, settings)
  const { organization_id } = organization
  const { send, authenticate } = ways[way]
  return {
    ...ways[way],
    here,
    project,
    organization,
    organization_id,
    /** Asks for a message, a second after whatever was before. */
    ask(email_address: string, fields: object = {}): Promise<Answer> {
      here.clock.advance(SECOND)
      return call(here, project, send, { organization_id, email_address, ...fields })
    },
    refuseSend(email_address: string, status: number, type: string, fields: object = {}) {
      return refuse(here, project, send, { organization_id, email_address, ...fields }, status, type)
    },
    member: (given: Parameters<typeof memberIn>[3] = {}) => memberIn(here, project, organization, given),
    proofFor: (to: string, fields: object = {}) => proofFor(here, project, way, organization_id, to, fields),
    enter: (fields: object) => succeed(here, project, authenticate, fields),
    refuseEnter: (fields: object, status: number, type: string) =>
      refuse(here, project, authenticate, fields, status, type),
    sent: (to: string) => messagesTo(here, to, project),
    change: (fields: object) => succeed(here, project, `PUT /v1/b2b/organizations/${organization_id}`, fields),
  }
}

/** Has a message sent to an address, and returns what authenticates by it. */
export async function proofFor(
  here: World,
  project: TestProject,
  way: Way,
  organization_id: string,
  email_address: string,
  fields: object = {},
): Promise<object> {
  here.clock.advance(SECOND)
  await succeed(here, project, ways[way].send, { organization_id, email_address, ...fields })
  return ways[way].proof(await lastMessage(here, email_address, project), organization_id)
}

/** A number of the member, verified. */
export function verifiedPhone(phone_number = '+14155550123'): Pick<Member, 'mfa_phone'> {
  return { mfa_phone: { phone_id: `member-phone-test-${crypto.randomUUID()}`, phone_number, verified: true } }
}
