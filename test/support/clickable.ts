/** Links that can be clicked, for tests of what a click leads to: made without sending a mail. */
import type { Environment } from '../../src/domain/configuration/environment.ts'
import { type LinkKind, linkTo } from '../../src/domain/messages/link.ts'
import { issueOneTimeToken, type TokenDetails, type TokenPurpose } from '../../src/domain/proofs/one_time_token.ts'
import type { World } from './world.ts'

/** The environment with that project id. */
export async function environmentOf({ app }: World, project_id: string): Promise<Environment> {
  const environment = await app.environment(project_id)
  if (!environment) throw new Error(`There is no environment ${project_id}.`)
  return environment
}

const purposes: Record<LinkKind, TokenPurpose> = {
  magic_links: 'magic link',
  multi_tenant_magic_links: 'magic link',
  multi_tenant_passwords: 'password reset',
  discovery: 'discovery magic link',
  login: 'magic link',
  reset_password: 'password reset',
  unlock: 'unlock',
}

/** A link of that kind that leads to `redirect_url`: its token, and the route that a click on it asks for. */
export async function linkIn(
  here: World,
  environment: Environment,
  kind: LinkKind,
  redirect_url: string | undefined,
  { owner_id = 'user-test-1', flow = 'login' as TokenDetails['kind'] } = {},
): Promise<{ token: string; route: string }> {
  const details = { kind: flow, attributes: { ip_address: '', user_agent: '' }, redirect_url }
  const given = { purpose: purposes[kind], owner_id, method_id: 'email-test-1', details, minutes: 60 }
  const token = await issueOneTimeToken(here.app, environment, given)
  const { pathname, search } = new URL(linkTo(here.app, environment, kind, token))
  return { token, route: `${pathname}${search}` }
}
