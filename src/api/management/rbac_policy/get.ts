/** GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy. */
import { builtinResources } from '../../../domain/rbac/builtin.ts'
import { loadPolicy } from '../../../domain/rbac/policy.ts'
import { RbacPolicy, rbacPolicyToWire } from '../../../wire/rbac_policy.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const get = operation({
  route: 'GET /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy',
  name: 'pwa_rbac_v3_Get',
  sdk: 'rbacPolicy.get',
  summary: 'Returns the RBAC policy of an environment.',
  caller: 'workspace',
  reply: { policy: RbacPolicy },
  async run(app, { params }) {
    const { project, environment } = await environmentAt(app, params)
    const policy = await loadPolicy(app, environment.project_id, project.vertical)
    return { policy: rbacPolicyToWire(policy, builtinResources(project.vertical)) }
  },
})
