/** PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy: counts from the next call on. */
import { builtinResources } from '../../../domain/rbac/builtin.ts'
import { setPolicy } from '../../../domain/rbac/policy.ts'
import { policyGiven, RbacPolicy, rbacPolicyToWire } from '../../../wire/rbac_policy.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const set = operation({
  route: 'PUT /pwa/v3/projects/{project_slug}/environments/{environment_slug}/rbac_policy',
  name: 'pwa_rbac_v3_Set',
  sdk: 'rbacPolicy.set',
  summary: 'Replaces the custom roles, resources and scopes of an environment, and the default roles that are given.',
  caller: 'workspace',
  body: policyGiven,
  reply: { policy: RbacPolicy },
  async run(app, { params, body: { stytch_member, stytch_admin, stytch_user, ...custom } }) {
    const { project, environment } = await environmentAt(app, params)
    const default_roles = { stytch_member, stytch_admin, stytch_user }
    const policy = await setPolicy(app, environment.project_id, project.vertical, { ...custom, default_roles })
    return { policy: rbacPolicyToWire(policy, builtinResources(project.vertical)) }
  },
})
