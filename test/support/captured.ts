/** Messages in the inbox, for tests of what shows them. */
import type { Letter } from '../../src/delivery/message.ts'
import { sendMessage } from '../../src/domain/messages/message.ts'
import type { World } from './world.ts'

/** Queues a message in an environment as the call that makes its code or link would. */
export async function send(
  { app }: World,
  project_id: string,
  to: string,
  letter: Partial<Omit<Letter, 'project_name'>> = {},
): Promise<void> {
  const environment = await app.environment(project_id)
  if (!environment) throw new Error(`There is no environment ${project_id}.`)
  const usual: Omit<Letter, 'project_name'> = {
    channel: 'email',
    template: 'otp_login',
    locale: 'en',
    links: [],
    minutes: 5,
  }
  await app.transaction((app) => sendMessage(app, environment, to, { ...usual, ...letter }))
}
