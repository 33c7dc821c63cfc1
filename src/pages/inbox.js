/** Shows the messages of test environments as they arrive. Whatever a message says is put into the page as text only. */
const every = 1500
/** How many messages are asked for at once: the first time, and then to see whether any are new; and how many are kept. */
const [most, few, keep] = [200, 20, 1000]
const wide = matchMedia('(min-width: 760px)')
const element = (id) => document.getElementById(id)
const [inbox, list, empty, reader, search, project, state, notice] = [
  'inbox',
  'messages',
  'empty',
  'reader',
  'search',
  'project',
  'state',
  'notice',
].map(element)

/** What the server knows, newest first. */
let messages = []
/** The rows of the list by message id: they are kept while their message is shown, so that nothing jumps. */
const rows = new Map()
/** Messages that came while this page was open and were not looked at yet. */
const fresh = new Set()
const known = new Set()
let loaded = false
/** The message in the reader; it stays there even when the list goes on without it. */
let open
/** The time of the newest message so far. */
let newest = ''

// What a message is about

const channels = { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' }
const purposes = {
  login: 'Log in',
  signup: 'Sign up',
  invite: 'Accept the invitation',
  reset_password: 'Reset the password',
  verify_email: 'Verify the address',
  unlock: 'Unlock the account',
}
const icons = {
  email: 'M2.5 4h15v12h-15zM2.5 5l7.5 6 7.5-6',
  sms: 'M3 3.5h14v10H9l-4 3.5v-3.5H3z',
  whatsapp: 'M10 2.8a7.2 7.2 0 0 0-6.2 10.9L2.8 17.2l3.6-1A7.2 7.2 0 1 0 10 2.8zM7.3 7c0 3 2.5 5.7 5.7 5.7',
}
const headline = ({ subject, text }) => subject || text.split('\n').find((line) => line.trim()) || ''
const linksOf = ({ links = [] }) => links.filter(({ url }) => /^https?:/.test(url))

// Building elements

/** An element with properties and children; texts stay texts. */
function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value
    else made.setAttribute(name, value)
  }
  made.append(...children.filter((child) => child !== undefined && child !== false))
  return made
}

function icon(channel) {
  const space = 'http://www.w3.org/2000/svg'
  const drawing = document.createElementNS(space, 'svg')
  const path = document.createElementNS(space, 'path')
  drawing.setAttribute('viewBox', '0 0 20 20')
  drawing.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', icons[channel] ?? icons.sms)
  drawing.append(path)
  return drawing
}

const badge = (channel) =>
  make('span', { className: `badge ${channel}` }, icon(channel), make('span', {}, channels[channel] ?? channel))

// Time

const spans = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [7 * 86_400, 'day', 86_400],
]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' })

/** "now", "3 min. ago", …; a plain date when it is long ago, or ahead because the clock of the server was moved. */
function ago(time) {
  const seconds = Math.round((Date.now() - Date.parse(time)) / 1000)
  if (Math.abs(seconds) < 10) return 'now'
  const [, unit, length] = spans.find(([below]) => seconds < below) ?? []
  if (!unit || seconds < 0) return new Date(time).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })
  return relative.format(-Math.floor(seconds / length), unit)
}

function clock(time) {
  const title = new Date(time).toLocaleString()
  return make('time', { dateTime: time, title, textContent: ago(time) })
}

function refreshTimes() {
  for (const shown of document.querySelectorAll('time')) {
    const text = ago(shown.dateTime)
    if (shown.textContent !== text) shown.textContent = text
  }
}

// Copying

/** Copies a text, also where the browser keeps its clipboard for https: by selecting it in a field of its own. */
async function copy(text, what) {
  const done = (await copyDirectly(text)) || copySelected(text)
  say(done ? `${what} copied` : `The browser does not let this page copy. It is: ${text}`)
  return done
}

async function copyDirectly(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function copySelected(text) {
  const before = document.activeElement
  const field = make('textarea', { value: text, readOnly: true, className: 'offscreen' })
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  before?.focus()
  return done
}

let quiet
function say(sentence) {
  notice.textContent = sentence
  notice.classList.add('shown')
  clearTimeout(quiet)
  quiet = setTimeout(() => notice.classList.remove('shown'), sentence.length > 60 ? 8000 : 1800)
}

function copyButton(label, text, what, className = 'button') {
  const button = make('button', { type: 'button', className, textContent: label })
  button.addEventListener('click', async () => {
    if (!(await copy(text, what))) return
    button.classList.add('done')
    setTimeout(() => button.classList.remove('done'), 1400)
  })
  return button
}

const outward = { target: '_blank', rel: 'noopener noreferrer' }

// The list

function row(message) {
  const { message_id, channel, to, created_at, code } = message
  const [link] = linksOf(message)
  const face = make(
    'button',
    { type: 'button', className: 'face' },
    make('span', { className: 'top' }, make('span', { className: 'to', textContent: to }), clock(created_at)),
    make('span', { className: 'headline', textContent: headline(message) }),
    make('span', { className: 'under' }, badge(channel)),
  )
  face.addEventListener('click', () => choose(message, true))
  const quick = code
    ? copyButton(code, code, 'Code', 'quick code')
    : link && make('a', { ...outward, href: link.url, className: 'quick', textContent: 'Open link' })
  if (code) quick.title = 'Copy the code'
  return make('li', { id: `row-${message_id}`, className: 'row' }, face, quick)
}

/** Whether a message goes to the recipient that is searched for; telephone numbers compare by their digits. */
function isWanted({ to, project_id }) {
  const wanted = search.value.trim().toLowerCase()
  const digits = /^[+\d\s().-]+$/.test(wanted) ? wanted.replace(/[^+\d]/g, '') : wanted
  const fits = to.toLowerCase().includes(wanted) || (digits !== '' && to.includes(digits))
  return fits && (project.value === '' || project_id === project.value)
}

function showList() {
  const shown = messages.filter(isWanted)
  const ids = new Set(shown.map(({ message_id }) => message_id))
  for (const [id, item] of rows) {
    if (!ids.has(id)) {
      item.remove()
      rows.delete(id)
    }
  }
  shown.forEach((message, index) => {
    const { message_id } = message
    if (!rows.has(message_id)) rows.set(message_id, row(message))
    const item = rows.get(message_id)
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null)
    const current = open?.message_id === message_id
    item.classList.toggle('current', current)
    item.classList.toggle('fresh', fresh.has(message_id))
    if (current) item.firstChild.setAttribute('aria-current', 'true')
    else item.firstChild.removeAttribute('aria-current')
  })
  showEmpty(shown.length === 0)
  document.title = fresh.size > 0 ? `(${fresh.size}) Inbox` : 'Inbox'
}

function showEmpty(isEmpty) {
  const filtered = search.value.trim() !== '' || project.value !== ''
  empty.hidden = !isEmpty || !loaded
  list.hidden = isEmpty
  const about = filtered ? 'filtered' : 'new'
  if (!isEmpty || empty.dataset.about === about) return
  empty.dataset.about = about
  empty.replaceChildren(
    ...(filtered
      ? [
          make('h2', { textContent: 'No message to this recipient' }),
          make('p', { textContent: 'It will show up here by itself when it arrives.' }),
        ]
      : [
          icon('email'),
          make('h2', { textContent: 'No messages yet' }),
          make('p', {
            textContent: 'What your test environments would send to people lands here, the moment they send it. Try:',
          }),
          make('pre', { textContent: "client.otps.email.loginOrCreate(\n  { email: 'ada@example.com' })" }),
        ]),
  )
}

/** A choice of projects, once messages come from more than one. */
function showProjects() {
  const ids = [...new Set(messages.map(({ project_id }) => project_id))].sort()
  const offered = [...project.options].map(({ value }) => value).filter(Boolean)
  const all = [...new Set([...offered, ...ids])]
  project.hidden = all.length < 2
  if (all.length === offered.length) return
  const chosen = project.value
  project.replaceChildren(
    make('option', { value: '', textContent: 'All projects' }),
    ...all.map((id) => make('option', { value: id, textContent: id })),
  )
  project.value = chosen
}

// The reader

function choose(message, byHand = false) {
  const previous = open
  open = message
  fresh.delete(message.message_id)
  if (previous?.message_id !== message.message_id) showMessage(message)
  showList()
  if (!byHand) return
  const address = `#${message.message_id}`
  // On a small screen the reader covers the list, so "back" should lead to the list again.
  if (wide.matches) history.replaceState(null, '', address)
  else if (!inbox.classList.contains('reading')) history.pushState(null, '', address)
  inbox.classList.add('reading')
  if (!wide.matches) {
    scrollTo(0, 0)
    reader.focus({ preventScroll: true })
  }
}

function closeReader() {
  inbox.classList.remove('reading')
  rows.get(open?.message_id)?.firstChild.focus()
}

function showMessage(message) {
  const { channel, to, subject, code, template, locale, created_at, project_id, message_id } = message
  const back = make('button', { type: 'button', className: 'back', textContent: '← All messages' })
  back.addEventListener('click', () => history.back())
  const fact = (name, value) => [make('dt', { textContent: name }), make('dd', {}, value)]
  reader.replaceChildren(
    back,
    make(
      'header',
      { className: 'head' },
      make('h2', { textContent: subject || `${channels[channel] ?? channel} message` }),
      make(
        'p',
        { className: 'meta' },
        badge(channel),
        make('span', { className: 'to', textContent: to }),
        clock(created_at),
      ),
    ),
    make('div', { className: 'actions' }, code && codeCard(code), ...linksOf(message).map(linkCard)),
    content(message),
    make(
      'details',
      { className: 'facts' },
      make('summary', { textContent: 'Details' }),
      make(
        'dl',
        {},
        ...fact('Template', template),
        ...fact('Language', locale),
        ...fact('Created', created_at),
        ...fact('Project', project_id),
        ...fact('Message', message_id),
      ),
    ),
  )
  reader.scrollTop = 0
}

function codeCard(code) {
  return make(
    'div',
    { className: 'card' },
    make('span', { className: 'digits', textContent: code }),
    make('span', { className: 'buttons' }, copyButton('Copy code', code, 'Code', 'button primary')),
  )
}

function linkCard({ purpose, url, token }, index) {
  const label = purposes[purpose] ?? purpose
  const opening = make('a', { ...outward, href: url, className: `button${index === 0 ? ' primary' : ''}` }, 'Open link')
  opening.dataset.opens = String(index)
  return make(
    'div',
    { className: 'card' },
    make(
      'span',
      { className: 'purpose' },
      make('strong', { textContent: label }),
      make('span', { className: 'url', textContent: url }),
    ),
    make(
      'span',
      { className: 'buttons' },
      opening,
      copyButton('Copy link', url, 'Link'),
      token && copyButton('Copy token', token, 'Token'),
    ),
  )
}

/** The message as its receiver would see it, and for mails also as text and as source. */
function content({ channel, text, html }) {
  if (!html) {
    return make('div', { className: 'paper phone' }, make('div', { className: `bubble ${channel}`, textContent: text }))
  }
  const views = {
    Message: () => mail(html),
    Text: () => make('pre', { className: 'plain', textContent: text }),
    Source: () => make('pre', { className: 'plain', textContent: html }),
  }
  const paper = make('div', { className: 'paper' })
  const tabs = Object.keys(views).map((name) => make('button', { type: 'button', textContent: name }))
  const show = (tab) => {
    for (const other of tabs) other.setAttribute('aria-pressed', String(other === tab))
    paper.replaceChildren(views[tab.textContent]())
  }
  for (const tab of tabs) tab.addEventListener('click', () => show(tab))
  show(tabs[0])
  return make('div', { className: 'content' }, make('div', { className: 'tabs' }, ...tabs), paper)
}

/** A mail in a frame of no origin, in which no script runs and nothing is loaded; its links open beside this page. */
function mail(source) {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
  const frame = make('iframe', { title: 'The mail' })
  frame.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox')
  frame.setAttribute('referrerpolicy', 'no-referrer')
  frame.srcdoc =
    `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<meta name="referrer" content="no-referrer"><base target="_blank">${source}`
  return frame
}

function showNothing() {
  reader.replaceChildren(make('p', { className: 'nothing', textContent: 'Messages open here.' }))
}

// Keeping up

const looksComplete = (text) => /^\S+@\S+\.\S+$/.test(text) || /^\+\d{7,15}$/.test(text)

async function ask(parameters) {
  const address = new URL('messages', location.origin + location.pathname)
  address.search = new URLSearchParams(parameters).toString()
  const response = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(10_000) })
  if (response.status === 401) throw new Error('Signed out: reload the page')
  if (!response.ok) throw new Error(`The server answers ${response.status}`)
  return (await response.json()).messages
}

/** What all of `messages` was last asked for; something else is wanted now when it differs. */
let asked

/**
 * Everything that is wanted, or only what is new while that has not changed. While somebody is searched for, the newest
 * messages to them belong to it: those may be older than all others here.
 */
async function load() {
  const to = search.value.trim()
  const scope = project.value === '' ? {} : { project_id: project.value }
  const wanted = JSON.stringify([scope, looksComplete(to) && to])
  if (asked === wanted) {
    const recent = await ask({ limit: String(few) })
    if (recent.length < few) return { messages: recent, wanted }
    if (recent.some(({ message_id }) => known.has(message_id)))
      return { messages: [...recent, ...messages.slice(0, keep)], wanted }
  }
  const whole = { ...scope, limit: String(most) }
  const answers = await Promise.all([ask(whole), ...(looksComplete(to) ? [ask({ ...whole, to })] : [])])
  return { messages: answers.flat(), wanted }
}

const newestFirst = (a, b) => compare(b.created_at, a.created_at) || compare(b.message_id, a.message_id)
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

function take(arrived) {
  const before = JSON.stringify(messages.map(({ message_id }) => message_id))
  messages = [...new Map(arrived.map((message) => [message.message_id, message])).values()].sort(newestFirst)
  for (const { message_id, created_at } of messages) {
    // What only a search has brought up is not news.
    if (loaded && !known.has(message_id) && created_at >= newest) fresh.add(message_id)
    known.add(message_id)
  }
  for (const { created_at } of messages) if (created_at > newest) newest = created_at
  const first = !loaded
  loaded = true
  if (!first && before === JSON.stringify(messages.map(({ message_id }) => message_id))) return
  showProjects()
  if (first) openFirst()
  else if (!open && wide.matches && messages[0]) choose(messages[0])
  else showList()
}

/** The message that the address names; on a wide screen else the newest one. */
function openFirst() {
  const named = messages.find(({ message_id }) => location.hash === `#${message_id}`)
  const chosen = named ?? (wide.matches ? messages.find(isWanted) : undefined)
  if (named) inbox.classList.add('reading')
  if (chosen) choose(chosen)
  else showList()
}

function tell(word, sentence) {
  state.dataset.state = word
  if (state.textContent !== sentence) state.textContent = sentence
}

let turn = 0
let next
/** Looks for news, then again after a while; a newer call takes over from an older one. */
async function follow() {
  const mine = ++turn
  clearTimeout(next)
  try {
    const { messages: arrived, wanted } = await load()
    if (mine !== turn) return
    asked = wanted
    take(arrived)
    tell('live', 'Live')
  } catch (problem) {
    if (mine !== turn) return
    const told = problem instanceof TypeError || problem.name === 'TimeoutError' || problem.name === 'AbortError'
    tell('lost', told ? 'Connecting again' : problem.message)
  }
  refreshTimes()
  if (!document.hidden) next = setTimeout(follow, every)
}

// Hands on the page

let typing
search.addEventListener('input', () => {
  remember()
  showList()
  clearTimeout(typing)
  typing = setTimeout(follow, 200)
})
project.addEventListener('change', () => {
  remember()
  showList()
  follow()
})
element('filter').addEventListener('submit', (event) => event.preventDefault())

/** Keeps what is searched for in the address, so that it can be reloaded and passed on. */
function remember() {
  const kept = Object.entries({ to: search.value.trim(), project_id: project.value }).filter(([, value]) => value)
  const query = new URLSearchParams(kept).toString()
  history.replaceState(null, '', `${location.pathname}${query && `?${query}`}${location.hash}`)
}

addEventListener('popstate', () => {
  const named = messages.find(({ message_id }) => location.hash === `#${message_id}`)
  if (!named) return closeReader()
  inbox.classList.add('reading')
  choose(named)
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) follow()
})

function step(by) {
  const shown = messages.filter(isWanted)
  const at = shown.findIndex(({ message_id }) => message_id === open?.message_id)
  const target = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)]
  if (!target) return
  choose(target, wide.matches)
  const { firstChild } = rows.get(target.message_id)
  firstChild.focus({ preventScroll: true })
  firstChild.scrollIntoView({ block: 'nearest' })
}

const keys = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  j: () => step(1),
  k: () => step(-1),
  c: () => open?.code && copy(open.code, 'Code'),
  o: () => reader.querySelector('[data-opens="0"]')?.click(),
  '/': () => search.focus(),
}
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target === search) {
    if (event.key === 'Escape') search.blur()
    if (event.key !== 'ArrowDown') return
  } else if (/^(INPUT|SELECT|TEXTAREA|SUMMARY)$/.test(event.target.tagName)) return
  const action = keys[event.key]
  if (!action) return
  event.preventDefault()
  action()
})

const given = new URLSearchParams(location.search)
search.value = given.get('to') ?? ''
if (given.has('project_id')) {
  const value = given.get('project_id')
  project.append(
    make('option', { value: '', textContent: 'All projects' }),
    make('option', { value, textContent: value }),
  )
  project.value = value
}
showNothing()
follow()
