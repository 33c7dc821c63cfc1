/** Gives a letter its words: a subject, a text and an HTML form for email, one short text for phones. */
import { isolated, oneLine } from './clean.ts'
import { type Email, emailHtml, emailText } from './email.ts'
import type { Letter, Locale, Template, Words } from './message.ts'
import { fewestSms } from './short.ts'
import type { Sentences, Wording } from './wording.ts'
import { en } from './wordings/en.ts'
import { es } from './wordings/es.ts'
import { fr } from './wordings/fr.ts'
import { ptBr } from './wordings/pt_br.ts'

const wordings: Record<Locale, Wording> = { en, es, 'pt-br': ptBr, fr }

/** Whoever names an application may choose anything; a line of a message shows this much of it. */
const mostOfName = 64
const mostOfCode = 32

/** The name of the application as messages show it. */
export function shownName({ project_name }: Pick<Letter, 'project_name'>): string {
  return oneLine(project_name, mostOfName) || 'App'
}

/**
 * The words of a letter in its language, unless it has some of its own. The name of the application, the code and the links may hold anything: they can
 * neither leave their place in the markup nor begin a new line or header.
 */
export function render(letter: Letter): Words {
  if (letter.words) return letter.words
  const wording = wordings[letter.locale]
  const name = shownName(letter)
  if (letter.channel !== 'email') return { text: shortText(letter, wording, name) }
  const email = emailOf(letter, wording, isolated(name))
  return { subject: email.subject, text: emailText(email), html: emailHtml(email) }
}

function emailOf(letter: Letter, wording: Wording, app: string): Email {
  const { lang, fallback } = wording
  const { look } = letter
  const footer = wording.footer(app)
  const period = duration(letter.minutes, lang)
  const withCode = (sentences: Sentences): Email => {
    const code = oneLine(letter.code ?? '', mostOfCode)
    return {
      ...{ lang, app, fallback, footer, code, look },
      subject: wording.code_subject(code, app),
      heading: sentences.heading(app),
      lead: sentences.lead(app),
      validity: wording.code_validity(period),
      unasked: sentences.unasked(app),
    }
  }
  const { template } = letter
  if (isOfCode(template)) return withCode(wording.codes[template])
  const sentences = wording.links[template]
  // An address can be verified by a code just as well.
  if (template === 'verify_email' && letter.code !== undefined) return withCode(sentences)
  const [main, other] = letter.links
  return {
    ...{ lang, app, fallback, footer, look },
    subject: sentences.subject(app),
    heading: sentences.heading(app),
    lead: sentences.lead(app),
    button: main && { label: sentences.button, url: main.url },
    validity: wording.link_validity(period),
    second: other?.purpose === 'login' ? { ...wording.without_password, url: other.url } : undefined,
    unasked: sentences.unasked(app),
  }
}

function shortText({ template, code, links, minutes }: Letter, wording: Wording, name: string): string {
  if (isOfCode(template)) {
    // The space that does not break, which French puts before units, is not in the letters of a plain SMS.
    const period = duration(minutes, wording.lang).replace(/\s/g, ' ')
    const shown = oneLine(code ?? '', mostOfCode)
    return fewestSms(name, (app) => wording.short_code(shown, isolated(app), period))
  }
  const url = oneLine(links[0]?.url ?? '', 2048)
  return fewestSms(name, (app) => `${wording.links[template].subject(isolated(app))}: ${url}`)
}

function isOfCode(template: Template): template is keyof Wording['codes'] {
  return template.startsWith('otp_')
}

/** "10 minutes", "1 hour", "7 days" in that language: the largest unit that comes out even. */
function duration(minutes: number, lang: string): string {
  const unit = minutes % 1440 === 0 ? 'day' : minutes % 60 === 0 ? 'hour' : 'minute'
  const amount = minutes / { day: 1440, hour: 60, minute: 1 }[unit]
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)
}
