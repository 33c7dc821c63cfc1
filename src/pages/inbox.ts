/** The inbox for developers: the frame of the page; `inbox.js` fills it with what `/dev/messages` answers. */
import { html } from '../values/html.ts'
import { assetBeside, type Document } from './document.ts'

const style = assetBeside(import.meta.url, 'inbox.css')
const script = assetBeside(import.meta.url, 'inbox.js')

/** The page. It holds no message itself. */
export function inboxDocument(): Document {
  return { title: 'Inbox', style, script, connects: true, frames_styled: true, body }
}

const body = html`<header class="bar">
<h1><svg viewBox="0 0 16 16" width="22" height="22" aria-hidden="true"><rect width="16" height="16" rx="4" fill="#2f4a8a"/>
<path d="M10.5 0h1v16h-1z" fill="#fff"/><path d="M11.5 0h1v16h-1z" fill="#d8433b"/></svg> Selvage <span>Inbox</span></h1>
<p id="state" class="state" role="status" data-state="loading">Loading</p>
</header>
<div id="inbox" class="inbox">
<section class="list" aria-label="Messages">
<form id="filter" class="filter" role="search">
<input id="search" type="search" placeholder="Search by recipient" aria-label="Search by recipient" autocomplete="off"
 autocapitalize="none" spellcheck="false" enterkeyhint="search">
<select id="project" aria-label="Project" hidden></select>
</form>
<ol id="messages"></ol>
<div id="empty" class="empty" hidden></div>
<p class="keys"><kbd>↑</kbd> <kbd>↓</kbd> move <kbd>c</kbd> copy code <kbd>o</kbd> open link <kbd>/</kbd> search</p>
</section>
<section id="reader" class="reader" aria-label="Message" tabindex="-1"></section>
</div>
<p id="notice" class="notice" role="status" aria-live="polite"></p>
<noscript><p class="empty">This page needs JavaScript. <code>GET /dev/messages</code> answers the same as JSON.</p></noscript>`
