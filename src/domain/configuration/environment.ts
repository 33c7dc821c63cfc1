/** An environment as requests see it: its record and everything that is configured in it. */

import type { CountryCodes } from '../country_codes/country_code.ts'
import type { StrengthConfig } from '../passwords/strength_config.ts'
import type { EnvironmentRecord } from '../projects/environment.ts'
import type { Vertical } from '../projects/project.ts'
import type { Policy } from '../rbac/policy.ts'
import type { RedirectUrl } from '../redirect_urls/placement.ts'
import type { PublicToken } from '../secrets/public_token.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SigningKey } from '../signing_keys/signing_key.ts'

export type Environment = EnvironmentRecord & {
  project_name: string
  vertical: Vertical
  policy: Policy
  password_strength: StrengthConfig
  redirect_urls: RedirectUrl[]
  country_codes: CountryCodes
  secrets: Secret[]
  public_tokens: PublicToken[]
  signing_keys: SigningKey[]
}
