/** POST /v1/magic_links: makes an embeddable magic link token. */
import { z } from 'zod'
import { createEmbeddableLink } from '../../../domain/signin/magic_links/embed.ts'
import { attributes, minutes } from '../../../wire/sending.ts'
import { operation } from '../../operation.ts'

export const create = operation({
  route: 'POST /v1/magic_links',
  name: 'api_magic_v1_Create',
  sdk: 'magicLinks.create',
  summary: 'Makes a magic link token for a user, to be embedded into a message of your own. Nothing is sent.',
  caller: 'project',
  vertical: 'consumer',
  body: {
    user_id: z.string().describe('The user, by id or external id.'),
    expiration_minutes: minutes('How long the token can be used: 5 to 10080 minutes, 60 without it.'),
    ...attributes,
  },
  reply: { user_id: z.string(), token: z.string() },
  run: (app, { environment, body }) => createEmbeddableLink(app, environment, body),
})
