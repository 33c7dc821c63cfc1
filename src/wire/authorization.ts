/** Authorization checks and their verdicts. */
import { z } from 'zod'
import { component } from './shape.ts'

export const AuthorizationCheck = component(
  'api_session_v1_AuthorizationCheck',
  z.object({
    resource_id: z.string().describe('The resource to act on.'),
    action: z.string().describe('What to do with it.'),
  }),
)
export const AuthorizationVerdict = component(
  'api_session_v1_AuthorizationVerdict',
  z.strictObject({
    authorized: z.boolean(),
    granting_roles: z.array(z.string()).describe('Every role of the user that grants the action.'),
  }),
)

export const MemberAuthorizationCheck = component(
  'api_b2b_session_v1_AuthorizationCheck',
  z.object({
    organization_id: z.string().describe('The organization to act in, by id, slug or external id.'),
    resource_id: z.string().describe('The resource to act on.'),
    action: z.string().describe('What to do with it.'),
  }),
)
export const MemberAuthorizationVerdict = component(
  'api_b2b_session_v1_AuthorizationVerdict',
  z.strictObject({
    authorized: z.boolean(),
    granting_roles: z.array(z.string()).describe('Every role of the member that grants the action.'),
  }),
)
