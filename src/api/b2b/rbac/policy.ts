/** GET /v1/b2b/rbac/policy: the policy of the project, for checks that clients make by themselves. */
import { resourcesOf, rolesOf } from '../../../domain/rbac/policy.ts'
import { B2bPolicy, policyToWire } from '../../../wire/policy.ts'
import { operation } from '../../operation.ts'

export const policy = operation({
  route: 'GET /v1/b2b/rbac/policy',
  name: 'api_b2b_rbac_v1_Policy',
  sdk: 'rbac.policy',
  summary: 'Returns the RBAC policy of the project, default roles and resources included.',
  caller: 'project',
  vertical: 'b2b',
  reply: { policy: B2bPolicy },
  async run(_app, { environment: { policy, vertical } }) {
    return { policy: policyToWire(policy, rolesOf(policy, vertical), resourcesOf(policy, vertical)) }
  },
})
