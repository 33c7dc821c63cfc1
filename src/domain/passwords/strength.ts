/** Whether a password is strong enough for an environment: by zxcvbn, or by length and kinds of characters (reference: consumer.md §3.4). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { StrengthConfig } from './strength_config.ts'
import type { Estimate } from './zxcvbn.ts'

/** What zxcvbn must give at least. */
const lowest_score = 3

/** What a password has of lower case, upper case, digits and symbols, and how much of it the policy misses. */
export type LudsRequirements = {
  has_lower_case: boolean
  has_upper_case: boolean
  has_digit: boolean
  has_symbol: boolean
  missing_complexity: number
  missing_characters: number
}

export type Strength = Estimate & { valid: boolean; luds_requirements: LudsRequirements | null }

/** Estimating takes longer with every word, and an address that is not checked yet may be made of any number of them. */
const most_words = 100
const longest_email = 254

/** The words about a person that a password should not be made of: at most 100. */
export function personalWords(emails: string[], names: string[]): string[] {
  const usable = [...names, ...emails.flatMap(partsOf)].filter((word) => word.length > 2)
  return [...new Set(usable)].slice(0, most_words)
}

function partsOf(text: string): string[] {
  const email = text.slice(0, longest_email)
  const [local = '', domain = ''] = email.split('@')
  return [email, local, ...local.split(/[^a-z0-9]+/i), domain, ...domain.split('.').slice(0, -1)]
}

/** Score, feedback and whether the policy is met. The score is that of zxcvbn under either policy. */
export async function checkStrength(
  app: App,
  { project_id, password_strength: config }: Environment,
  password: string,
  inputs: string[],
): Promise<Strength> {
  const estimate = await app.passwords.estimate(project_id, password, inputs)
  if (config.validation_policy === 'ZXCVBN') {
    return { ...estimate, valid: estimate.score >= lowest_score, luds_requirements: null }
  }
  const luds_requirements = ludsRequirements(config, password)
  return { ...estimate, valid: meetsLuds(luds_requirements), luds_requirements }
}

/** Whether the policy of the environment is met. */
export async function isStrong(
  app: App,
  { project_id, password_strength: config }: Environment,
  password: string,
  inputs: string[],
): Promise<boolean> {
  if (config.validation_policy === 'LUDS') return meetsLuds(ludsRequirements(config, password))
  return (await app.passwords.estimate(project_id, password, inputs)).score >= lowest_score
}

/** The policy as one text, so that a password that met it once need not be checked at every login. */
export function policyName({ validation_policy: policy, ...luds }: StrengthConfig): string {
  return policy === 'ZXCVBN'
    ? policy
    : `${policy} ${luds.luds_min_password_length} ${luds.luds_min_password_complexity}`
}

/** Counts characters as people do, not bytes. Whatever is neither an ASCII letter nor a digit is a symbol. */
export function ludsRequirements(config: StrengthConfig, password: string): LudsRequirements {
  const has = {
    has_lower_case: /[a-z]/.test(password),
    has_upper_case: /[A-Z]/.test(password),
    has_digit: /[0-9]/.test(password),
    has_symbol: /[^A-Za-z0-9]/u.test(password),
  }
  const complexity = Object.values(has).filter(Boolean).length
  return {
    ...has,
    missing_complexity: Math.max(0, (config.luds_min_password_complexity ?? 0) - complexity),
    missing_characters: Math.max(0, (config.luds_min_password_length ?? 0) - [...password].length),
  }
}

function meetsLuds({ missing_complexity, missing_characters }: LudsRequirements): boolean {
  return missing_complexity === 0 && missing_characters === 0
}
