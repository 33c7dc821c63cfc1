/** The fields that requests which send a code or link share. */
import { z } from 'zod'
import { AttributesGiven } from './attributes.ts'
import { presentedSession } from './session.ts'
import { component, maybe, wholeNumber } from './shape.ts'

/** The language of the message; each operation has published its list under a name of its own. */
export function locale(name: string) {
  const Locale = component(name, z.enum(['en', 'es', 'pt-br', 'fr']))
  return { locale: maybe(Locale, 'invalid_locale').describe('The language of the message; English without it.') }
}

/**
 * The language of a code that is sent by itself. More are accepted than there are texts in; those messages are in English.
 */
export function codeLocale(name: string) {
  const Locale = component(name, z.enum(['en', 'es', 'pt-br', 'fr', 'it', 'de-DE', 'zh-Hans', 'ca-ES']))
  return {
    locale: maybe(Locale, 'invalid_locale').describe(
      'The language of a code that is sent by itself; English without it, and where there is no text.',
    ),
  }
}

/** What the caller says about the device of the person. */
export const attributes = {
  attributes: maybe(AttributesGiven).describe(
    'The device of the end user; kept, and compared later where `options` ask.',
  ),
}

/** The user a new contact is added to. */
export const userSelection = {
  user_id: maybe(z.string()).describe('The user, by id or external id, to add a contact to that nobody has yet.'),
  ...presentedSession,
}

/** How long what is sent can be used. */
export function minutes(sentence: string) {
  return maybe(wholeNumber).describe(sentence)
}

/** A template of the project by its id. */
export const templateId = maybe(z.string()).describe('The id of a message template.')

/** The start of PKCE. */
export const codeChallenge = {
  code_challenge: maybe(z.string()).describe('SHA-256 of the code verifier in unpadded base64url (RFC 7636).'),
}

/** The end of PKCE. */
export const codeVerifier = {
  code_verifier: maybe(z.string()).describe('The verifier whose hash the flow was started with.'),
}

/** What has to be the same as when the code or link was asked for. */
export const attributeOptions = {
  options: maybe(
    component(
      'api_magic_v1_Options',
      z.object({ ip_match_required: maybe(z.boolean()), user_agent_match_required: maybe(z.boolean()) }),
    ),
  ).describe('Which attributes must equal those of the request that asked for the code or link.'),
}
