/** What the first start prints: the credentials, and lines to try them with. */
import type { FirstCredentials } from '../domain/workspace/installation.ts'
import type { Installation } from '../installation.ts'

/**
 * Shows the credentials to whom set the database up, even when the listener then fails: they are shown once. As text for
 * people, or as one line of JSON.
 */
export function showWelcome({ first, credentials_path }: Installation, url: string, { json }: { json: boolean }): void {
  if (!first) return
  const text = json ? `${JSON.stringify({ url, credentials_path, ...first })}\n` : welcome(first, credentials_path, url)
  process.stdout.write(text)
}

function welcome({ workspace, consumer, b2b }: FirstCredentials, path: string, url: string): string {
  return `
Selvage has set up a new database. These are the credentials of the test environments and the workspace key;
they are kept in ${path} and will not be shown again.

  consumer   project_id    ${consumer.project_id}
             secret        ${consumer.secret}
             public_token  ${consumer.public_token}
  b2b        project_id    ${b2b.project_id}
             secret        ${b2b.secret}
             public_token  ${b2b.public_token}
  workspace  key_id        ${workspace.key_id}
             secret        ${workspace.secret}

Try it with the official client (npm install stytch):

  import { Client } from 'stytch'
  const client = new Client({ project_id: '${consumer.project_id}', secret: '${consumer.secret}', env: '${url}' })
  const { user } = await client.users.create({ email: 'ada@example.com', name: { first_name: 'Ada' } })
  const { sessions } = await client.sessions.get({ user_id: user.user_id })
  console.log(user, sessions)

`
}
