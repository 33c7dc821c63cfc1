/** An HTML document as browsers get it, and the policy that lets it do what it needs and nothing else. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Html, html, verbatim } from '../values/html.ts'

/** `style` and `script` are constant texts of ours: nothing from outside is ever put into them. */
export type Document = {
  title: string
  style: string
  script?: string
  body: Html
  /** The script asks this server for more. */
  connects?: boolean
  /** It shows documents in frames, which inherit this policy, with styles of their own. */
  frames_styled?: boolean
}

/** The text of a stylesheet or script that is kept as a file beside `url`. */
export function assetBeside(url: string, name: string): string {
  return readFileSync(new URL(name, url), 'utf8')
}

const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2f4a8a"/>' +
      '<path d="M10.5 0h1v16h-1z" fill="#fff"/><path d="M11.5 0h1v16h-1z" fill="#d8433b"/></svg>',
  )

/** The whole text of a document. */
export function render({ title, style, script, body }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${icon}">
<style>${verbatim(style)}</style>
</head>
<body>
${body}
${script !== undefined && html`<script>${verbatim(script)}</script>`}
</body>
</html>
`.text
}

/**
 * Its Content-Security-Policy: nothing is loaded, nothing frames it, and only the very style and script of the document
 * count, by their hashes, whatever else may have got into its text.
 */
export function policyOf({ style, script, connects, frames_styled }: Document): string {
  return [
    "default-src 'none'",
    `style-src ${frames_styled ? "'unsafe-inline'" : source(style)}`,
    ...(script === undefined ? [] : [`script-src ${source(script)}`]),
    ...(connects ? ["connect-src 'self'"] : []),
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const sources = new Map<string, string>()

/** A text as a policy names it. There are only a few texts, so their hashes are kept. */
function source(text: string): string {
  const known = sources.get(text) ?? `'sha256-${hash('sha256', text, 'base64')}'`
  sources.set(text, known)
  return known
}
