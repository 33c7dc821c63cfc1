/** Email templates in tests: made through the management API, and servers that know which domains they send from. */
import type { EmailDomains } from '../../src/delivery/transports.ts'
import type { CustomType } from '../../src/domain/email_templates/row.ts'
import { createServer } from '../../src/http/server.ts'
import { succeed } from './call.ts'
import type { TestProject, World } from './world.ts'

/** The variable that a mail of a type is sent for. */
export const essential: Record<CustomType, string> = {
  LOGIN: '{{magic_link_url}}',
  SIGNUP: '{{magic_link_url}}',
  INVITE: '{{magic_link_url}}',
  UNLOCK: '{{magic_link_url}}',
  ONE_TIME_PASSCODE: '{{otp_code}}',
  ONE_TIME_PASSCODE_SIGNUP: '{{otp_code}}',
  RESET_PASSWORD: '{{reset_password_url}}',
  VERIFY_EMAIL_PASSWORD_RESET: '{{reset_password_url}}',
}
export const types = Object.keys(essential) as CustomType[]

export const look = {
  button_border_radius: 5,
  button_color: '#007BFF',
  button_text_color: '#FFFFFF',
  font_family: 'ARIAL',
  text_alignment: 'CENTER',
}
/** A template of our words with that look. */
export const prebuilt = {
  name: 'Blue',
  sender_information: {
    from_local_part: 'noreply',
    from_name: 'No Reply',
    reply_to_local_part: 'support',
    reply_to_name: 'Support Team',
  },
  prebuilt_customization: look,
}

/** A template of other words, with what is given changed. */
export function custom(template_type: CustomType, change: object = {}) {
  return {
    sender_information: { from_local_part: 'hello', from_domain: 'mail.acme.example', from_name: 'Acme' },
    custom_html_customization: {
      template_type,
      html_content: `<h1>${template_type}</h1><a href="${essential[template_type]}">Go</a>`,
      plaintext_content: `${template_type}: ${essential[template_type]}`,
      subject: `Own ${template_type}`,
      ...change,
    },
  }
}

/** Where the templates of a project are, below the management API. */
export function templatesOf({ environment }: TestProject): string {
  return `/pwa/v3/projects/${environment.project_slug}/email_templates`
}

/** Where the defaults of a project are. */
export function defaultsOf({ environment }: TestProject): string {
  return `/pwa/v3/projects/${environment.project_slug}/default_email_templates`
}

/** Creates a template and returns it as the API does; one of our words unless other ones are given. */
export async function newTemplate(here: World, project: TestProject, template_id: string, body: object = prebuilt) {
  const route = `POST ${templatesOf(project)}`
  return (await succeed(here, here.workspace, route, { template_id, ...body })).email_template
}

/** Makes a template the default for a type. */
export async function makeDefault(here: World, project: TestProject, type: string, template_id: string): Promise<void> {
  await succeed(here, here.workspace, `POST ${defaultsOf(project)}/${type}`, { template_id })
}

/** The same world, whose server sends from those domains. */
export function sendingFrom(here: World, email_domains: EmailDomains): World {
  const { settings } = here.app
  const app = { ...here.app, settings: { ...settings, delivery: { ...settings.delivery, email_domains } } }
  return { ...here, app, server: createServer(app) }
}
