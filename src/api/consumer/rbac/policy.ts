/** GET /v1/rbac/policy: the policy, for checks that clients make by themselves. */
import { resourcesOf, rolesOf } from '../../../domain/rbac/policy.ts'
import { Policy, policyToWire } from '../../../wire/policy.ts'
import { operation } from '../../operation.ts'

export const policy = operation({
  route: 'GET /v1/rbac/policy',
  name: 'api_consumer_rbac_v1_Policy',
  sdk: 'rbac.policy',
  summary: 'Returns the RBAC policy of the project, default roles included.',
  caller: 'project',
  vertical: 'consumer',
  reply: { policy: Policy },
  async run(_app, { environment: { policy, vertical } }) {
    return { policy: policyToWire(policy, rolesOf(policy, vertical), resourcesOf(policy, vertical)) }
  },
})
