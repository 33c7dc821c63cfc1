/** What an email looks like: one card, readable on a phone and on a desk, by day and by night. */

import { type Html, html, verbatim } from '../values/html.ts'
import { isLinkable } from './clean.ts'
import type { FontFamily, Look } from './message.ts'

/** The parts of an email, in the order in which they are read. */
export type Email = {
  lang: string
  app: string
  subject: string
  heading: string
  lead: string
  code?: string | undefined
  button?: { label: string; url: string } | undefined
  validity: string
  second?: { question: string; link: string; url: string } | undefined
  fallback: string
  unasked: string
  footer: string
  look?: Look | undefined
}

/** The email without markup. */
export function emailText({ heading, lead, code, button, validity, second, unasked, footer }: Email): string {
  const paragraphs = [
    heading,
    lead,
    code && `    ${code}`,
    button && `${button.label}:\n${textUrl(button.url)}`,
    validity,
    second && `${second.question} ${second.link}:\n${textUrl(second.url)}`,
    unasked,
    footer,
  ]
  return `${paragraphs.filter((paragraph) => paragraph).join('\n\n')}\n`
}

/** A URL on a line of its own, and nothing after it. */
function textUrl(url: string): string {
  return url.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, '')
}

// Mail programs that know no style sheet still have the styles of each element; the sheet adds the dark colours.
const sheet = verbatim(`:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.back{background-color:#0f1115!important}
.card{background-color:#191c22!important;border-color:#2a2e37!important}
.strong{color:#f3f4f6!important}
.soft{color:#a7adba!important}
.line{border-color:#2a2e37!important}
.code{background-color:#23272f!important;color:#f3f4f6!important}
.solid{background-color:#f3f4f6!important;color:#15171c!important}
.link{color:#9db4ff!important}
}
@media (max-width:480px){
.page{padding:20px 12px!important}
.card{padding:28px 20px!important}
}`)

const ownFonts = `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif`
/** What stands in where a mail program lacks the font. */
const fontFamilies: Record<FontFamily, string> = {
  ARIAL: 'Arial,Helvetica,sans-serif',
  BRUSH_SCRIPT_MT: `'Brush Script MT','Brush Script Std',cursive`,
  COURIER_NEW: `'Courier New',Courier,monospace`,
  GEORGIA: `Georgia,'Times New Roman',serif`,
  HELVETICA: `Helvetica,'Helvetica Neue',Arial,sans-serif`,
  TAHOMA: 'Tahoma,Verdana,Geneva,sans-serif',
  TIMES_NEW_ROMAN: `'Times New Roman',Times,serif`,
  TREBUCHET_MS: `'Trebuchet MS',Tahoma,sans-serif`,
  VERDANA: 'Verdana,Geneva,sans-serif',
}
const breaking = 'overflow-wrap:anywhere;word-break:break-word'
const strong = '#15171c'
const soft = '#5b6270'
const paragraph = 'margin:0 0 24px;font-size:16px;line-height:24px'
const small = `margin:0;font-size:13px;line-height:20px;color:${soft};${breaking}`

/** The styles that a look decides. What is painted keeps its colours by night; what is not has those of the sheet. */
function stylesOf({ button_color, button_text_color, ...look }: Look) {
  const isPainted = button_color !== undefined || button_text_color !== undefined
  // Of the two colours, one that is not given is such that the text can be read.
  const back = button_color ?? (button_text_color !== undefined && isDark(button_text_color) ? '#e4e6ea' : strong)
  const front = button_text_color ?? (isDark(back) ? '#ffffff' : strong)
  return {
    fonts: look.font_family === undefined ? ownFonts : fontFamilies[look.font_family],
    alignment: look.text_alignment === 'CENTER' ? 'center' : 'left',
    radius: look.button_border_radius ?? 10,
    paint: isPainted ? 'painted' : 'solid',
    colors: `background-color:${back};color:${front}`,
  }
}

/** Whether white stands out from a colour more than black does (relative luminance of WCAG 2). */
function isDark(color: string): boolean {
  const digits = color.slice(1).replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3')
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179
}

type Styles = ReturnType<typeof stylesOf>

/** The email as a whole HTML document. Every text in it is escaped; a URL becomes a link only when it is harmless. */
export function emailHtml(email: Email): string {
  const { lang, app, subject, heading, lead, code, validity, unasked, footer } = email
  const styles = stylesOf(email.look ?? {})
  const document = html`<!doctype html>
<html lang="${lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${subject}</title>
<style>
${sheet}
</style>
</head>
<body class="back" style="margin:0;padding:0;background-color:#f3f4f6;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px">${validity}</div>
<div class="back page" lang="${lang}" style="box-sizing:border-box;padding:40px 16px;background-color:#f3f4f6;font-family:${styles.fonts}">
<div class="card" style="box-sizing:border-box;max-width:520px;margin:0 auto;padding:40px;background-color:#ffffff;border:1px solid #e4e6ea;border-radius:16px;text-align:${styles.alignment}">
${brand(app, styles)}
<h1 class="strong" style="margin:0 0 12px;font-size:24px;line-height:32px;font-weight:700;letter-spacing:-.2px;color:${strong};${breaking}">${heading}</h1>
<p class="strong" style="${paragraph};color:${strong};${breaking}">${lead}</p>
${code === undefined ? undefined : bigCode(code)}
${bigButton(email, styles)}
<p class="soft" style="margin:0;font-size:14px;line-height:22px;color:${soft}">${validity}</p>
${secondLink(email)}
<hr class="line" style="margin:28px 0;border:0;border-top:1px solid #e4e6ea">
${writtenOut(email)}
<p class="soft" style="${small}">${unasked}</p>
</div>
<p class="soft" style="max-width:520px;margin:20px auto 0;padding:0 8px;font-size:12px;line-height:18px;text-align:center;color:${soft};${breaking}">${footer}</p>
</div>
</body>
</html>
`
  return document.text
}

/** The name of the application beside its first letter. */
function brand(app: string, { paint, colors }: Styles): Html {
  const initial = /[\p{L}\p{N}]/u.exec(app)?.[0].toUpperCase()
  const tile =
    initial &&
    html`<span class="${paint}" aria-hidden="true" style="display:inline-block;width:32px;height:32px;margin-right:10px;border-radius:9px;${colors};font-size:16px;line-height:32px;font-weight:700;text-align:center;vertical-align:middle">${initial}</span>`
  return html`<p class="strong" style="margin:0 0 28px;font-size:16px;line-height:32px;font-weight:600;color:${strong};${breaking}">${tile || undefined}<span style="vertical-align:middle">${app}</span></p>`
}

function bigCode(code: string): Html {
  return html`<p class="code" style="margin:0 0 20px;padding:20px 8px;background-color:#f3f4f6;border-radius:12px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:34px;line-height:40px;font-weight:700;letter-spacing:6px;text-indent:6px;text-align:center;color:${strong};-webkit-user-select:all;user-select:all;${breaking}">${code}</p>`
}

function bigButton({ button }: Email, { paint, colors, radius }: Styles): Html | undefined {
  if (!button || !isLinkable(button.url)) return undefined
  return html`<p style="margin:0 0 20px"><a class="${paint}" href="${button.url}" style="display:block;padding:14px 20px;border-radius:${radius}px;${colors};font-size:16px;line-height:24px;font-weight:600;text-align:center;text-decoration:none">${button.label}</a></p>`
}

function secondLink({ second }: Email): Html | undefined {
  if (!second || !isLinkable(second.url)) return undefined
  return html`<p class="soft" style="margin:20px 0 0;font-size:14px;line-height:22px;color:${soft}">${second.question} <a class="link" href="${second.url}" style="color:#2f4fc4;font-weight:600;text-decoration:underline">${second.link}</a></p>`
}

/** The address of the button, for those whose mail program shows none. */
function writtenOut({ button, fallback }: Email): Html | undefined {
  if (!button) return undefined
  const address = isLinkable(button.url)
    ? html`<a class="link" href="${button.url}" style="color:#2f4fc4;text-decoration:none">${button.url}</a>`
    : html`${button.url}`
  return html`<p class="soft" style="${small};margin-bottom:16px">${fallback}<br>${address}</p>`
}
