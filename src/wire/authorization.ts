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
