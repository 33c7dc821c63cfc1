/** Rate limits by name: how often something may happen in a period. */

/** At most `count` in each period of `seconds`; periods begin at multiples of their length. */
export type Limit = { count: number; seconds: number }

export type LimitName =
  | 'email_links'
  | 'email_codes'
  | 'email_resets'
  | 'phone_number'
  | 'phone_prefix'
  | 'totp'
  | 'user_search'
  | 'password_migrate'
  | 'requests'

/** The limits in force; one that is undefined is off. */
export type Limits = Record<LimitName, Limit | undefined>
