/** A refusal or a fault, as people see it in a browser. */
import { html } from '../values/html.ts'
import { card } from './card.ts'
import type { Document } from './document.ts'

const titles: Record<number, string> = {
  401: 'Please sign in',
  404: 'There is nothing here',
  429: 'Too many requests',
  503: 'Back in a moment',
}
/** Said instead of the sentence that the API gives to machines. */
const sentences: Record<number, string> = {
  401: 'This page is for operators. Use the id of a workspace key as the user name, and its secret as the password.',
}

/** The page for an answer that is none. */
export function problemDocument({
  status,
  sentence,
  request_id,
}: {
  status: number
  sentence: string
  request_id: string
}): Document {
  const title = titles[status] ?? (status < 500 ? 'This did not work' : 'Something went wrong')
  const content = html`<p>${sentences[status] ?? sentence}</p>
<p class="small"><code>${request_id}</code></p>`
  return card(title, content, { problem: true })
}
