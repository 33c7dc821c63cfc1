/** Email templates, as the management API shows and takes them. */
import { z } from 'zod'
import type { EmailTemplate as EmailTemplateRecord } from '../domain/email_templates/row.ts'
import { component, maybe } from './shape.ts'

const TemplateType = component(
  'pwa_email_template_v3_TemplateType',
  z.enum([
    'LOGIN',
    'SIGNUP',
    'INVITE',
    'RESET_PASSWORD',
    'ONE_TIME_PASSCODE',
    'ONE_TIME_PASSCODE_SIGNUP',
    'VERIFY_EMAIL_PASSWORD_RESET',
    'UNLOCK',
    'PREBUILT',
  ]),
)

const FontFamily = component(
  'pwa_email_template_v3_FontFamily',
  z.enum([
    'ARIAL',
    'BRUSH_SCRIPT_MT',
    'COURIER_NEW',
    'GEORGIA',
    'HELVETICA',
    'TAHOMA',
    'TIMES_NEW_ROMAN',
    'TREBUCHET_MS',
    'VERDANA',
  ]),
)

const TextAlignment = component('pwa_email_template_v3_TextAlignment', z.enum(['LEFT', 'CENTER']))

const SenderInformation = component(
  'pwa_email_template_v3_SenderInformation',
  z.strictObject({
    from_local_part: z.string().optional(),
    from_domain: z.string().optional(),
    from_name: z.string().optional(),
    reply_to_local_part: z.string().optional(),
    reply_to_name: z.string().optional(),
  }),
)

const PrebuiltCustomization = component(
  'pwa_email_template_v3_PrebuiltCustomization',
  z.strictObject({
    button_border_radius: z.number().optional().describe('In pixels.'),
    button_color: z.string().optional(),
    button_text_color: z.string().optional(),
    font_family: FontFamily.optional(),
    text_alignment: TextAlignment.optional(),
  }),
)

const CustomHTMLCustomization = component(
  'pwa_email_template_v3_CustomHTMLCustomization',
  z.strictObject({
    template_type: TemplateType,
    html_content: z.string(),
    plaintext_content: z.string().optional(),
    subject: z.string(),
  }),
)

export const EmailTemplate = component(
  'pwa_email_template_v3_EmailTemplate',
  z.strictObject({
    template_id: z.string(),
    name: z.string().optional(),
    sender_information: SenderInformation.optional(),
    prebuilt_customization: PrebuiltCustomization.optional().describe('Our words with a look of the project.'),
    custom_html_customization: CustomHTMLCustomization.optional().describe('Words of the project.'),
  }),
)

/** The wire form of a template; what it does not have is left out. */
export function emailTemplateToWire({
  template_id,
  name,
  sender_information,
  prebuilt_customization,
  custom_html_customization,
}: EmailTemplateRecord): z.input<typeof EmailTemplate> {
  return {
    template_id,
    ...(name !== '' && { name }),
    ...(sender_information && { sender_information }),
    ...(prebuilt_customization && { prebuilt_customization }),
    ...(custom_html_customization && { custom_html_customization }),
  }
}

/** Clients that leave nothing out send empty texts for what is unset. */
const text = maybe(z.string()).transform((value) => value || undefined)
const oneOf = <T extends string>(schema: z.ZodEnum<Record<T, T>>) =>
  maybe(z.union([schema, z.literal('')], { error: `expected one of ${schema.options.join(', ')}` })).transform(
    (value) => (value === '' ? undefined : value),
  )

/** A template as requests give it. */
export const emailTemplateGiven = {
  name: maybe(z.string()).describe('What operators call it; need not be unique.'),
  sender_information: maybe(
    z.object({
      from_local_part: text,
      from_domain: text,
      from_name: text,
      reply_to_local_part: text,
      reply_to_name: text,
    }),
  ).describe('Who the mails are from. Custom HTML needs a from_domain of your own.'),
  prebuilt_customization: maybe(
    z.object({
      button_border_radius: maybe(z.number()).describe('0 to 100 pixels.'),
      button_color: text.describe('For example #2f4fc4.'),
      button_text_color: text,
      font_family: oneOf(FontFamily),
      text_alignment: oneOf(TextAlignment),
    }),
  ).describe('Another look for the words of this server. Either this or custom_html_customization.'),
  custom_html_customization: maybe(
    z.object({
      template_type: oneOf(TemplateType).describe('Which mails it is for.'),
      html_content: text.describe(
        'With the variable the mail is sent for: magic_link_url, otp_code or reset_password_url.',
      ),
      plaintext_content: text.describe('The words of this server without it.'),
      subject: text,
    }),
  ).describe('A mail of your own, with variables such as {{magic_link_url}}.'),
}
