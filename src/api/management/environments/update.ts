/** PATCH /pwa/v3/projects/{project_slug}/environments/{environment_slug}: changes what is given, keeps the rest. */
import { z } from 'zod'
import { updateEnvironment } from '../../../domain/projects/environment.ts'
import { Environment, environmentToWire, settingsChange } from '../../../wire/environment.ts'
import { maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { environmentAt } from '../place.ts'

export const update = operation({
  route: 'PATCH /pwa/v3/projects/{project_slug}/environments/{environment_slug}',
  name: 'pwa_environment_v3_Update',
  sdk: 'environments.update',
  summary: 'Changes the name or settings of an environment.',
  caller: 'workspace',
  body: { name: maybe(z.string()), ...settingsChange },
  reply: { environment: Environment },
  async run(app, { params, body }) {
    const { environment } = await environmentAt(app, params)
    return { environment: environmentToWire(await updateEnvironment(app, environment.project_id, body)) }
  },
})
