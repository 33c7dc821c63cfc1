/** The settings of an environment, and what they are until somebody changes them. */

export type Settings = {
  cross_org_passwords_enabled: boolean
  user_impersonation_enabled: boolean
  /** OIDC UserInfo endpoint that `sessions.migrate` asks; empty when unset. */
  zero_downtime_session_migration_url: string
  use_custom_domain_in_magic_link_emails: boolean
  user_lock_self_serve_enabled: boolean
  /** Failed attempts until a user is locked. */
  user_lock_threshold: number
  /** Seconds that a lock lasts. */
  user_lock_ttl: number
  idp_authorization_url: string
  idp_dynamic_client_registration_enabled: boolean
  idp_dynamic_client_registration_access_token_template_content: string
  /** Whether the published sandbox values are accepted; only an operator switches it, and never for live environments. */
  sandbox_enabled: boolean
}

/** What every environment begins with. */
export const defaultSettings: Settings = {
  cross_org_passwords_enabled: false,
  user_impersonation_enabled: false,
  zero_downtime_session_migration_url: '',
  use_custom_domain_in_magic_link_emails: false,
  user_lock_self_serve_enabled: false,
  user_lock_threshold: 10,
  user_lock_ttl: 3600,
  idp_authorization_url: '',
  idp_dynamic_client_registration_enabled: false,
  idp_dynamic_client_registration_access_token_template_content: '',
  sandbox_enabled: false,
}
