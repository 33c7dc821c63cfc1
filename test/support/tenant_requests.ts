/** Valid requests of every operation for B2B projects, built from what one tenant holds. */
import { randomUUID } from 'node:crypto'
import { storePassword } from '../../src/domain/passwords/password.ts'
import { SECOND } from '../../src/values/time.ts'
import { succeed } from './call.ts'
import { proofFor as discoveryProof } from './discovery.ts'
import { lastMessage } from './inbox.ts'
import type { trustMemberIssuer } from './member_issuer.ts'
import { hashed, passwords, sharePasswords } from './member_passwords.ts'
import { ways } from './member_ways.ts'
import { give, magicLink, memberIn, memberSession, membersOf, signIn } from './members.ts'
import { newOrganization } from './organizations.ts'
import { strong, stronger } from './passwords.ts'
import { callsAbout, verifiedPhone } from './second_factor.ts'
import type { TestProject, World } from './world.ts'

/** An organization with a member who may do everything in it, and an address that has a member in no other tenant. */
export type Tenant = Awaited<ReturnType<typeof newTenant>>

/** What stands between the braces of the path, behind the question mark, and in the body. */
export type Request = { params?: Fields; query?: Fields; body?: Fields }
type Fields = Record<string, unknown>

/** How an operation is called with what a tenant holds. What is no secret or name of that tenant is the same in every tenant. */
export type Recipe = (tenant: Tenant) => Request | Promise<Request>

/** An organization that asks for second factors, its administrator, and the issuer that the project trusts. */
export async function newTenant(
  here: World,
  project: TestProject,
  issuer: Awaited<ReturnType<typeof trustMemberIssuer>>,
) {
  const organization = await newOrganization(here, project, {
    organization_external_id: `own-${randomUUID()}`,
    mfa_policy: 'REQUIRED_FOR_ALL',
    email_invites: 'ALL_ALLOWED',
  })
  const member = await memberIn(here, project, organization, {
    roles: ['stytch_admin'],
    external_id: `own-${randomUUID()}`,
  })
  const { organization_id } = organization
  const { member_id, email_address } = member
  const session = () => signIn(here, project, member_id)
  const calls = callsAbout(here, project, organization, member)
  return {
    ...{ here, project, issuer, member, organization_id, member_id, email_address, calls },
    named: { organization_id, member_id },
    organization: { organization_id },
    path: membersOf(organization),
    /** Gives the member parts that other operations give. */
    give: (parts: Parameters<typeof give>[3]) => give(here, project, member_id, parts),
    /** The token of a new session. */
    session,
    /** The token of a new intermediate session. */
    intermediate: async () =>
      (await memberSession(here, project, organization, { member_id })).intermediate_session_token as string,
    /** What a mailed link or code proves. */
    async mailed(way: 'link' | 'code'): Promise<Fields> {
      here.clock.advance(SECOND)
      await succeed(here, project, ways[way].send, { organization_id, email_address })
      return { ...ways[way].proof(await lastMessage(here, email_address, project), organization_id) }
    },
    succeed: (route: string, body: object = {}) => succeed(here, project, route, body),
  }
}

/** Proves with a second factor, after a session or an intermediate one. */
function proven(of: (tenant: Tenant) => Promise<Fields>): Recipe[] {
  return [
    async (tenant) => {
      const proof = await of(tenant)
      return { body: { ...tenant.named, ...proof, session_token: await tenant.session() } }
    },
    async (tenant) => {
      const proof = await of(tenant)
      return { body: { ...tenant.named, ...proof, intermediate_session_token: await tenant.intermediate() } }
    },
  ]
}

const inOrganization: Recipe = ({ organization }) => ({ params: organization })
const onMember: Recipe = ({ named }) => ({ params: named })
const about = (body: Fields): Recipe => {
  return ({ organization }) => ({ params: organization, body })
}

async function withPassword({ here, project, member_id, give }: Tenant): Promise<string> {
  const password_id = `member-password-test-${randomUUID()}`
  await give({ password: { password_id, inherited: false } })
  const kept = { project_id: project.id, owner_id: member_id, password_id, accepted_by: '' }
  await storePassword(here.app, { ...kept, scheme: 'argon_2id', hash: 'x' })
  return password_id
}

/** The member with a password; in an environment where members of an address share it, if need be. */
async function migrated({ here, project, organization, email_address }: Tenant, isShared = false) {
  if (isShared) await sharePasswords(here, project)
  await succeed(here, project, passwords.migrate, { ...organization, email_address, ...hashed(strong) })
  return { ...organization, email_address }
}

/** The token of a reset mail that was asked for by that request. */
async function resetToken({ here, project, email_address }: Tenant, route: string, body: Fields): Promise<string> {
  here.clock.advance(SECOND)
  await succeed(here, project, route, body)
  return (await lastMessage(here, email_address, project)).links[0]?.token as string
}

/** Recipes by what operations are called in the official client. Sessions beside a mailed proof are tested apart: they are ignored. */
export const recipes: Record<string, Recipe[]> = {
  'discovery.intermediateSessions.exchange': [
    async ({ organization, intermediate }) => ({
      body: { ...organization, intermediate_session_token: await intermediate() },
    }),
  ],
  'discovery.organizations.create': [
    async ({ intermediate }) => ({ body: { intermediate_session_token: await intermediate() } }),
  ],
  'discovery.organizations.list': [
    async ({ intermediate }) => ({ body: { intermediate_session_token: await intermediate() } }),
    async ({ session }) => ({ body: { session_token: await session() } }),
  ],
  'magicLinks.authenticate': [async ({ mailed }) => ({ body: await mailed('link') })],
  'magicLinks.discovery.authenticate': [
    async ({ here, project, email_address }) => ({
      body: { ...(await discoveryProof(here, project, 'link', email_address)) },
    }),
  ],
  'magicLinks.email.discovery.send': [
    ({ here }) => {
      here.clock.advance(SECOND)
      return { body: { email_address: 'anybody@example.com' } }
    },
  ],
  'magicLinks.email.invite': [
    ({ organization, member_id }) => ({
      body: { ...organization, email_address: 'invited@example.com', invited_by_member_id: member_id },
    }),
  ],
  'magicLinks.email.loginOrSignup': [
    ({ organization, email_address, here }) => {
      here.clock.advance(SECOND)
      return { body: { ...organization, email_address } }
    },
  ],
  'organizations.create': [() => ({ body: { organization_name: 'Another' } })],
  'organizations.delete': [inOrganization],
  'organizations.deleteExternalId': [inOrganization],
  'organizations.get': [inOrganization],
  'organizations.members.create': [about({ email_address: 'created@example.com' })],
  'organizations.members.dangerouslyGet': [({ member_id }) => ({ params: { member_id } })],
  'organizations.members.delete': [onMember],
  'organizations.members.deleteExternalId': [onMember],
  'organizations.members.deleteMFAPhoneNumber': [
    async ({ named, give }) => {
      await give(verifiedPhone())
      return { params: named }
    },
  ],
  'organizations.members.deletePassword': [
    async (tenant) => ({ params: { ...tenant.organization, member_password_id: await withPassword(tenant) } }),
  ],
  'organizations.members.deleteTOTP': [
    async ({ named, calls }) => {
      await calls.enrol()
      return { params: named }
    },
  ],
  'organizations.members.get': [
    ({ organization, member_id, email_address }) => ({ params: organization, query: { member_id, email_address } }),
    ({ organization, email_address }) => ({ params: organization, query: { email_address } }),
  ],
  'organizations.members.reactivate': [
    async ({ named, path, member_id, succeed }) => {
      await succeed(`DELETE ${path}/${member_id}`)
      return { params: named, body: {} }
    },
  ],
  'organizations.members.search': [({ organization_id }) => ({ body: { organization_ids: [organization_id] } })],
  'organizations.members.startEmailUpdate': [
    ({ named }) => ({ params: named, body: { email_address: 'next@example.com' } }),
  ],
  'organizations.members.unlinkRetiredEmail': [
    async ({ named, path, member_id, succeed }) => {
      const email_address = `${randomUUID()}@example.com`
      const { member } = await succeed(`PUT ${path}/${member_id}`, { email_address })
      return { params: named, body: member.retired_email_addresses[0] }
    },
  ],
  'organizations.members.update': [({ named }) => ({ params: named, body: { name: 'Renamed' } })],
  'organizations.metrics': [inOrganization],
  'organizations.search': [() => ({ body: {} })],
  'organizations.update': [about({ organization_name: 'Renamed' })],
  'otps.email.authenticate': [async ({ mailed }) => ({ body: await mailed('code') })],
  'otps.email.discovery.authenticate': [
    async ({ here, project, email_address }) => ({
      body: { ...(await discoveryProof(here, project, 'code', email_address)) },
    }),
  ],
  'otps.email.discovery.send': [
    ({ here }) => {
      here.clock.advance(SECOND)
      return { body: { email_address: 'anybody@example.com' } }
    },
  ],
  'otps.email.loginOrSignup': [
    ({ organization, email_address, here }) => {
      here.clock.advance(SECOND)
      return { body: { ...organization, email_address } }
    },
  ],
  'otps.sms.authenticate': proven(async ({ give, calls, here }) => {
    await give(verifiedPhone(`+1415555${String(++numbers).padStart(4, '0')}`))
    here.clock.advance(SECOND)
    return { code: await calls.newCode() }
  }),
  'otps.sms.send': proven(async () => ({ mfa_phone_number: '+14155559999' })),
  'passwords.authenticate': [async (tenant) => ({ body: { ...(await migrated(tenant)), password: strong } })],
  'passwords.discovery.authenticate': [
    async (tenant) => {
      const { email_address } = await migrated(tenant, true)
      return { body: { email_address, password: strong } }
    },
  ],
  'passwords.discovery.email.reset': [
    async (tenant) => {
      const { email_address } = await migrated(tenant, true)
      const password_reset_token = await resetToken(tenant, passwords.discoveryResetStart, { email_address })
      return { body: { password_reset_token, password: stronger } }
    },
  ],
  'passwords.discovery.email.resetStart': [
    async ({ here, project }) => {
      await sharePasswords(here, project)
      here.clock.advance(SECOND)
      return { body: { email_address: 'anybody@example.com' } }
    },
  ],
  'passwords.email.requireReset': [
    async (tenant) => ({ body: { ...(await migrated(tenant, true)), member_id: tenant.member_id } }),
  ],
  'passwords.email.reset': [
    async (tenant) => {
      const password_reset_token = await resetToken(tenant, passwords.resetStart, await migrated(tenant))
      return { body: { password_reset_token, password: stronger } }
    },
    async (tenant) => {
      const password_reset_token = await resetToken(tenant, passwords.resetStart, await migrated(tenant, true))
      return { body: { password_reset_token, password: stronger } }
    },
  ],
  'passwords.email.resetStart': [
    async ({ organization, email_address, here }) => {
      here.clock.advance(SECOND)
      return { body: { ...organization, email_address } }
    },
  ],
  'passwords.existingPassword.reset': [
    async (tenant) => ({
      body: { ...(await migrated(tenant)), existing_password: strong, new_password: stronger },
    }),
  ],
  'passwords.migrate': [
    ({ organization }) => ({ body: { ...organization, email_address: 'migrated@example.com', ...hashed(strong) } }),
  ],
  'passwords.sessions.reset': [
    async ({ here, project, organization, member }) => ({
      body: {
        ...organization,
        password: stronger,
        session_token: await signIn(here, project, member.member_id, magicLink(member)),
      },
    }),
  ],
  'passwords.strengthCheck': [() => ({ body: { password: strong, email_address: 'anybody@example.com' } })],
  'rbac.organizations.getOrgPolicy': [inOrganization],
  'rbac.organizations.setOrgPolicy': [
    about({ org_policy: { roles: [{ role_id: 'reader', description: '', permissions: [] }] } }),
  ],
  'rbac.policy': [() => ({})],
  'recoveryCodes.get': [
    async ({ named, calls }) => {
      await calls.enrol()
      return { params: named }
    },
  ],
  'recoveryCodes.recover': proven(async ({ calls }) => ({
    recovery_code: (await verifiedTotp(calls)).recovery_codes[0],
  })),
  'recoveryCodes.rotate': [
    async ({ named, calls }) => {
      await verifiedTotp(calls)
      return { body: named }
    },
  ],
  'sessions.attest': [
    async ({ organization, issuer: { profile_id, token }, email_address, session }) => ({
      body: { ...organization, profile_id, token: await token(email_address), session_token: await session() },
    }),
    async ({ organization, issuer: { profile_id, token }, email_address }) => ({
      body: { ...organization, profile_id, token: await token(email_address) },
    }),
  ],
  'sessions.authenticate': [
    async ({ organization, session }) => ({
      body: {
        session_token: await session(),
        authorization_check: { ...organization, resource_id: 'stytch.member', action: 'create' },
      },
    }),
  ],
  'sessions.exchange': [
    async ({ organization, session }) => ({ body: { ...organization, session_token: await session() } }),
  ],
  'sessions.get': [({ named }) => ({ query: named })],
  'sessions.migrate': [
    ({ organization, email_address }) => ({ body: { ...organization, session_token: email_address } }),
  ],
  'sessions.revoke': [({ member_id }) => ({ body: { member_id } })],
  'totps.authenticate': proven(async ({ calls }) => ({ code: (await calls.enrol()).code() })),
  'totps.create': proven(async () => ({})),
  'totps.migrate': [
    ({ named }) => ({
      body: { ...named, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', recovery_codes: ['legacy-code'] },
    }),
  ],
}

let numbers = 0

/** An authenticator app that has shown a code that counted. */
async function verifiedTotp(calls: Tenant['calls']): Promise<Awaited<ReturnType<Tenant['calls']['enrol']>>> {
  const app = await calls.enrol()
  const { intermediate_session_token } = await calls.signIn()
  await calls.succeedAt('POST /v1/b2b/totp/authenticate', { code: app.code(), intermediate_session_token })
  return app
}
