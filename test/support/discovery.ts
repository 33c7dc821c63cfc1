/** Discovery in tests: by a mailed link or code, and the calls that follow from it. */
import assert from 'node:assert/strict'
import { startDiscovery } from '../../src/domain/discovery/start.ts'
import { startIntermediateSession } from '../../src/domain/intermediate_sessions/intermediate_session.ts'
import type { NewMember } from '../../src/domain/members/member.ts'
import type { InboxMessage } from '../../src/domain/messages/message.ts'
import { addProof, type Proof } from '../../src/domain/sessions/factors.ts'
import { SECOND } from '../../src/values/time.ts'
import { type Answer, call, refuse, succeed } from './call.ts'
import { lastMessage } from './inbox.ts'
import { newAddress } from './links.ts'
import { memberIn } from './members.ts'
import { environmentOf, newOrganization } from './organizations.ts'
import { type Engine, type TestProject, type World, world } from './world.ts'

type Message = Pick<InboxMessage, 'links' | 'code' | 'to'>

const link = {
  method: 'magic_link',
  send: 'POST /v1/b2b/magic_links/email/discovery/send',
  authenticate: 'POST /v1/b2b/magic_links/discovery/authenticate',
  template: 'login',
  spent: 'unable_to_auth_magic_link',
  unknown: 'magic_link_not_found',
  minutes: { usual: 60, least: 5, most: 10_080, refusal: 'invalid_expiration' },
  /** What the request that authenticates says of a message. */
  proof: ({ links }: Message): object => ({ discovery_magic_links_token: links[0]?.token }),
}
const code: typeof link = {
  method: 'email_otp',
  send: 'POST /v1/b2b/otps/email/discovery/send',
  authenticate: 'POST /v1/b2b/otps/email/discovery/authenticate',
  template: 'otp_login',
  spent: 'unable_to_auth_otp_code',
  unknown: 'otp_code_not_found',
  minutes: { usual: 10, least: 2, most: 15, refusal: 'invalid_expiration_otp' },
  proof: ({ code, to: email_address }) => ({ email_address, code }),
}

export type Way = 'link' | 'code'
export const ways = { link, code }

export const listRoute = 'POST /v1/b2b/discovery/organizations'
export const exchangeRoute = 'POST /v1/b2b/discovery/intermediate_sessions/exchange'
export const createRoute = 'POST /v1/b2b/discovery/organizations/create'

export const password: Proof = { type: 'password', delivery_method: 'knowledge' }

/** A B2B project, and the calls of discovery in it. */
export async function discoveryScene(engine: Engine) {
  const here = await world(engine)
  const project = await here.project('B2B')
  return { here, project, ...discoveryIn(here, project) }
}

/** The calls of discovery in a project. */
export function discoveryIn(here: World, project: TestProject) {
  return {
    /** Asks for a message, a second after whatever was before. */
    ask(way: Way, email_address: string, fields: object = {}): Promise<Answer> {
      here.clock.advance(SECOND)
      return call(here, project, ways[way].send, { email_address, ...fields })
    },
    refuseSend: (way: Way, email_address: unknown, status: number, type: string, fields: object = {}) =>
      refuse(here, project, ways[way].send, { email_address, ...fields }, status, type),
    proofFor: (way: Way, email_address: string, fields: object = {}) =>
      proofFor(here, project, way, email_address, fields),
    enter: (way: Way, fields: object) => succeed(here, project, ways[way].authenticate, fields),
    refuseEnter: (way: Way, fields: object, status: number, type: string) =>
      refuse(here, project, ways[way].authenticate, fields, status, type),
    /** What a mailed link leads to. */
    discover: async (email_address: string) =>
      succeed(here, project, link.authenticate, await proofFor(here, project, 'link', email_address)),
    /** The token of an intermediate session in which something else was proven. */
    proven: (email_address: string, proof: Proof = mailed(email_address), address_proven = false) =>
      provenToken(here, project, email_address, proof, address_proven),
    /** The token of an intermediate session that comes out of the login of an organization. */
    boundTo: async ({ organization_id }: { organization_id: string }, email_address: string, bound: boolean) => {
      const authentication_factors = addProof([], bound ? password : mailed(email_address), here.clock.now())
      const given = { email_address, organization_id, authentication_factors, details: { bound } }
      return (await startIntermediateSession(here.app, await environmentOf(here, project), given)).token
    },
    organization: (settings: object = {}) => newOrganization(here, project, settings),
    member: (place: { organization_id: string }, given: Partial<NewMember> = {}) =>
      memberIn(here, project, place, given),
    /** An organization that lets the domain of an address in, and where somebody in that domain is a member already. */
    async joinable(settings: object = {}, domain = 'example.com') {
      const letting = { email_jit_provisioning: 'RESTRICTED', email_allowed_domains: [domain] }
      const organization = await newOrganization(here, project, { ...letting, ...settings })
      const email_address = newAddress().replace('example.com', domain)
      await memberIn(here, project, organization, { email_address })
      return organization
    },
    list: (body: object) => succeed(here, project, listRoute, body),
    exchange: (intermediate_session_token: string, { organization_id }: { organization_id: string }, fields = {}) =>
      succeed(here, project, exchangeRoute, { intermediate_session_token, organization_id, ...fields }),
    refuseExchange: (fields: object, status: number, type: string) =>
      refuse(here, project, exchangeRoute, fields, status, type),
    create: (intermediate_session_token: string, fields: object = {}) =>
      succeed(here, project, createRoute, { intermediate_session_token, ...fields }),
    refuseCreate: (fields: object, status: number, type: string) =>
      refuse(here, project, createRoute, fields, status, type),
  }
}

/** What a mailed link proves of an address. */
export function mailed(email_address: string): Proof {
  return { type: 'magic_link', delivery_method: 'email', email_factor: { email_id: email_address, email_address } }
}

/** Has a message sent to an address, and returns what authenticates by it. */
export async function proofFor(
  here: World,
  project: TestProject,
  way: Way,
  email_address: string,
  fields: object = {},
): Promise<object> {
  here.clock.advance(SECOND)
  await succeed(here, project, ways[way].send, { email_address, ...fields })
  return ways[way].proof(await lastMessage(here, email_address, project))
}

async function provenToken(
  here: World,
  project: TestProject,
  email_address: string,
  proof: Proof,
  address_proven: boolean,
): Promise<string> {
  const environment = await environmentOf(here, project)
  const given = { email_address, proof, address_proven }
  const started = await here.app.transaction((app) => startDiscovery(app, environment, given))
  return started.intermediate_session_token
}

/** Expects that nobody is signed in, and the intermediate session goes on. */
export function assertWithheld(reply: Answer['body'], intermediate_session_token: string): void {
  assert.deepEqual(
    [reply.member_authenticated, reply.session_token, reply.session_jwt, reply.member_session],
    [false, '', '', null],
  )
  assert.equal(reply.intermediate_session_token, intermediate_session_token)
  assert.notEqual(reply.intermediate_session_token_expires_at, null)
}

/** Expects that there is a session, and no intermediate one any more. */
export function assertSignedIn(reply: Answer['body']): void {
  assert.equal(reply.member_authenticated, true, JSON.stringify(reply))
  assert.ok(reply.session_token && reply.session_jwt && reply.member_session)
  assert.deepEqual([reply.intermediate_session_token, reply.intermediate_session_token_expires_at], ['', null])
  assert.deepEqual([reply.mfa_required, reply.primary_required], [null, null])
}
