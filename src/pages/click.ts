/** What people see between a link in a mail and the application it leads to. */
import { html } from '../values/html.ts'
import { card } from './card.ts'
import { assetBeside, type Document } from './document.ts'

const onward = assetBeside(import.meta.url, 'onward.js')

/** A page that goes on to `destination` by itself, which scanners of mail do not; the button is for everybody else. */
export function onwardDocument(destination: string, project_name: string): Document {
  const host = hostOf(destination)
  const content = html`<p>${host === undefined ? 'You are on your way.' : html`You are on your way to <strong>${host}</strong>.`}
If nothing happens, press the button.</p>
<a class="action" id="onward" href="${destination}" rel="noreferrer">Continue</a>`
  return card(`Continue to ${project_name}`, content, { script: onward })
}

/** For a link of that kind that this server never made or has forgotten; links to unlock it forgets once they are used. */
export function deadLinkDocument(kind: string | undefined): Document {
  if (kind === 'unlock') {
    const content = html`<p>It has been used before, or it has expired. Locks also end by themselves after a while.</p>
<p>Go back to the application and try to sign in.</p>`
    return card('This link does not unlock any more', content, { problem: true })
  }
  const content = html`<p>It may have been cut off on its way to you, or it is very old.</p>
<p>Open it from the newest message again, or go back to the application and ask for another one.</p>`
  return card('This link leads nowhere', content, { problem: true })
}

/** Asks before it unlocks: whoever only looks at the link, as scanners of mail do, changes nothing. */
export function unlockDocument(project_name: string): Document {
  const content = html`<p>Your account at <strong>${project_name}</strong> was locked after too many failed attempts to sign in.</p>
<p>Was that you? Then unlock it here and sign in again.</p>
<form method="post"><button class="action" type="submit">Unlock my account</button></form>`
  return card('Unlock your account', content)
}

/** After unlocking; goes on to the application when it is known where that is. */
export function unlockedDocument(destination: string | undefined, project_name: string): Document {
  const title = 'Your account is unlocked'
  if (destination === undefined) {
    return card(title, html`<p>You can go back to <strong>${project_name}</strong> and sign in again.</p>`)
  }
  const content = html`<p>You can sign in to <strong>${project_name}</strong> again.</p>
<a class="action" id="onward" href="${destination}" rel="noreferrer" data-wait="1500">Continue</a>`
  return card(title, content, { script: onward })
}

/** The host a web address leads to; the address of an app on a telephone has none to show. */
function hostOf(destination: string): string | undefined {
  const { protocol, host } = new URL(destination)
  return /^https?:$/.test(protocol) ? host : undefined
}
