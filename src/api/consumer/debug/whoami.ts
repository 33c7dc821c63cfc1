/** GET /v1/debug/whoami: which project the credentials belong to. */
import { z } from 'zod'
import { operation } from '../../operation.ts'

export const whoami = operation({
  route: 'GET /v1/debug/whoami',
  name: 'api_debug_v1_Whoami',
  sdk: 'debug.whoami',
  summary: 'Names the project that the credentials belong to.',
  caller: 'project',
  vertical: 'both',
  reply: { project_id: z.string(), name: z.string() },
  async run(_app, { environment }) {
    return { project_id: environment.project_id, name: environment.project_name }
  },
})
