/** Embeddable magic links: tokens that the application brings to people by itself (reference: consumer.md §3.2). */
import { newId } from '../../../values/id.ts'
import type { App } from '../../app.ts'
import { type Attributes, checkAttributes } from '../../attributes.ts'
import type { Environment } from '../../configuration/environment.ts'
import { issueOneTimeToken, linkMinutes } from '../../proofs/one_time_token.ts'
import { getUser } from '../../users/reference.ts'
import { holdUser } from '../../users/user.ts'
import { usualMinutes } from './mail.ts'

/** Makes a token for a user, named by id or external id. Nothing is sent, and redeeming it verifies no contact. */
export async function createEmbeddableLink(
  app: App,
  environment: Environment,
  request: { user_id: string; expiration_minutes?: number | undefined; attributes?: Partial<Attributes> | undefined },
): Promise<{ user_id: string; token: string }> {
  const minutes = linkMinutes('expiration_minutes', request.expiration_minutes, usualMinutes.embedded)
  const attributes = checkAttributes(request.attributes)
  return app.transaction(async (app) => {
    const user = await getUser(app, environment, request.user_id)
    await holdUser(app, user)
    const { user_id: owner_id } = user
    const method_id = newId('embedded', environment.type)
    const details = { kind: 'embedded' as const, attributes }
    const token = await issueOneTimeToken(app, environment, {
      purpose: 'magic link',
      owner_id,
      method_id,
      minutes,
      details,
    })
    return { user_id: owner_id, token }
  })
}
