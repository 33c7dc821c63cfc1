/** The small pages that people meet on their way: one card with a heading, a sentence or two, and at most one thing to do. */
import { type Html, html } from '../values/html.ts'
import { assetBeside, type Document } from './document.ts'

const style = assetBeside(import.meta.url, 'card.css')

/** A card. `problem` marks it as bad news. */
export function card(
  title: string,
  content: Html,
  { problem = false, script = undefined as string | undefined } = {},
): Document {
  return {
    title,
    style,
    ...(script === undefined ? {} : { script }),
    body: html`<main${problem && html` class="problem"`}>
<h1>${title}</h1>
${content}
</main>`,
  }
}
