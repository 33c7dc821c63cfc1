/** Every operation and page that every server has. Written by `npm run index`; a test fails when it is stale. */
import { exchange as b2b_discovery_intermediate_sessions_exchange } from './b2b/discovery/intermediate_sessions/exchange.ts'
import { create as b2b_discovery_organizations_create } from './b2b/discovery/organizations/create.ts'
import { list as b2b_discovery_organizations_list } from './b2b/discovery/organizations/list.ts'
import { authenticate as b2b_magic_links_authenticate } from './b2b/magic_links/authenticate.ts'
import { authenticate as b2b_magic_links_discovery_authenticate } from './b2b/magic_links/discovery/authenticate.ts'
import { send as b2b_magic_links_email_discovery_send } from './b2b/magic_links/email/discovery/send.ts'
import { invite as b2b_magic_links_email_invite } from './b2b/magic_links/email/invite.ts'
import { loginOrSignup as b2b_magic_links_email_login_or_signup } from './b2b/magic_links/email/login_or_signup.ts'
import { create as b2b_organizations_create } from './b2b/organizations/create.ts'
import { remove as b2b_organizations_delete } from './b2b/organizations/delete.ts'
import { removeExternalId as b2b_organizations_delete_external_id } from './b2b/organizations/delete_external_id.ts'
import { get as b2b_organizations_get } from './b2b/organizations/get.ts'
import { create as b2b_organizations_members_create } from './b2b/organizations/members/create.ts'
import { dangerouslyGet as b2b_organizations_members_dangerously_get } from './b2b/organizations/members/dangerously_get.ts'
import { remove as b2b_organizations_members_delete } from './b2b/organizations/members/delete.ts'
import { deleteExternalId as b2b_organizations_members_delete_external_id } from './b2b/organizations/members/delete_external_id.ts'
import { deleteMFAPhoneNumber as b2b_organizations_members_delete_mfa_phone_number } from './b2b/organizations/members/delete_mfa_phone_number.ts'
import { removePassword as b2b_organizations_members_delete_password } from './b2b/organizations/members/delete_password.ts'
import { deleteTOTP as b2b_organizations_members_delete_totp } from './b2b/organizations/members/delete_totp.ts'
import { get as b2b_organizations_members_get } from './b2b/organizations/members/get.ts'
import { reactivate as b2b_organizations_members_reactivate } from './b2b/organizations/members/reactivate.ts'
import { search as b2b_organizations_members_search } from './b2b/organizations/members/search.ts'
import { startEmailUpdate as b2b_organizations_members_start_email_update } from './b2b/organizations/members/start_email_update.ts'
import { unlinkRetiredEmail as b2b_organizations_members_unlink_retired_email } from './b2b/organizations/members/unlink_retired_email.ts'
import { update as b2b_organizations_members_update } from './b2b/organizations/members/update.ts'
import { metrics as b2b_organizations_metrics } from './b2b/organizations/metrics.ts'
import { search as b2b_organizations_search } from './b2b/organizations/search.ts'
import { update as b2b_organizations_update } from './b2b/organizations/update.ts'
import { authenticate as b2b_otps_email_authenticate } from './b2b/otps/email/authenticate.ts'
import { authenticate as b2b_otps_email_discovery_authenticate } from './b2b/otps/email/discovery/authenticate.ts'
import { send as b2b_otps_email_discovery_send } from './b2b/otps/email/discovery/send.ts'
import { loginOrSignup as b2b_otps_email_login_or_signup } from './b2b/otps/email/login_or_signup.ts'
import { authenticate as b2b_otps_sms_authenticate } from './b2b/otps/sms/authenticate.ts'
import { send as b2b_otps_sms_send } from './b2b/otps/sms/send.ts'
import { authenticate as b2b_passwords_authenticate } from './b2b/passwords/authenticate.ts'
import { authenticate as b2b_passwords_discovery_authenticate } from './b2b/passwords/discovery/authenticate.ts'
import { reset as b2b_passwords_discovery_email_reset } from './b2b/passwords/discovery/email/reset.ts'
import { resetStart as b2b_passwords_discovery_email_reset_start } from './b2b/passwords/discovery/email/reset_start.ts'
import { requireReset as b2b_passwords_email_require_reset } from './b2b/passwords/email/require_reset.ts'
import { reset as b2b_passwords_email_reset } from './b2b/passwords/email/reset.ts'
import { resetStart as b2b_passwords_email_reset_start } from './b2b/passwords/email/reset_start.ts'
import { reset as b2b_passwords_existing_password_reset } from './b2b/passwords/existing_password/reset.ts'
import { migrate as b2b_passwords_migrate } from './b2b/passwords/migrate.ts'
import { reset as b2b_passwords_sessions_reset } from './b2b/passwords/sessions/reset.ts'
import { strengthCheck as b2b_passwords_strength_check } from './b2b/passwords/strength_check.ts'
import { getOrgPolicy as b2b_rbac_organizations_get_org_policy } from './b2b/rbac/organizations/get_org_policy.ts'
import { setOrgPolicy as b2b_rbac_organizations_set_org_policy } from './b2b/rbac/organizations/set_org_policy.ts'
import { policy as b2b_rbac_policy } from './b2b/rbac/policy.ts'
import { get as b2b_recovery_codes_get } from './b2b/recovery_codes/get.ts'
import { recover as b2b_recovery_codes_recover } from './b2b/recovery_codes/recover.ts'
import { rotate as b2b_recovery_codes_rotate } from './b2b/recovery_codes/rotate.ts'
import { attest as b2b_sessions_attest } from './b2b/sessions/attest.ts'
import { authenticate as b2b_sessions_authenticate } from './b2b/sessions/authenticate.ts'
import { exchange as b2b_sessions_exchange } from './b2b/sessions/exchange.ts'
import { get as b2b_sessions_get } from './b2b/sessions/get.ts'
import { getJwks as b2b_sessions_get_jwks } from './b2b/sessions/get_jwks.ts'
import { migrate as b2b_sessions_migrate } from './b2b/sessions/migrate.ts'
import { revoke as b2b_sessions_revoke } from './b2b/sessions/revoke.ts'
import { authenticate as b2b_totps_authenticate } from './b2b/totps/authenticate.ts'
import { create as b2b_totps_create } from './b2b/totps/create.ts'
import { migrate as b2b_totps_migrate } from './b2b/totps/migrate.ts'
import { whoami as consumer_debug_whoami } from './consumer/debug/whoami.ts'
import { authenticate as consumer_magic_links_authenticate } from './consumer/magic_links/authenticate.ts'
import { create as consumer_magic_links_create } from './consumer/magic_links/create.ts'
import { invite as consumer_magic_links_email_invite } from './consumer/magic_links/email/invite.ts'
import { loginOrCreate as consumer_magic_links_email_login_or_create } from './consumer/magic_links/email/login_or_create.ts'
import { revokeInvite as consumer_magic_links_email_revoke_invite } from './consumer/magic_links/email/revoke_invite.ts'
import { send as consumer_magic_links_email_send } from './consumer/magic_links/email/send.ts'
import { authenticate as consumer_otps_authenticate } from './consumer/otps/authenticate.ts'
import { loginOrCreate as consumer_otps_email_login_or_create } from './consumer/otps/email/login_or_create.ts'
import { send as consumer_otps_email_send } from './consumer/otps/email/send.ts'
import { loginOrCreate as consumer_otps_sms_login_or_create } from './consumer/otps/sms/login_or_create.ts'
import { send as consumer_otps_sms_send } from './consumer/otps/sms/send.ts'
import { loginOrCreate as consumer_otps_whatsapp_login_or_create } from './consumer/otps/whatsapp/login_or_create.ts'
import { send as consumer_otps_whatsapp_send } from './consumer/otps/whatsapp/send.ts'
import { authenticate as consumer_passwords_authenticate } from './consumer/passwords/authenticate.ts'
import { create as consumer_passwords_create } from './consumer/passwords/create.ts'
import { reset as consumer_passwords_email_reset } from './consumer/passwords/email/reset.ts'
import { resetStart as consumer_passwords_email_reset_start } from './consumer/passwords/email/reset_start.ts'
import { reset as consumer_passwords_existing_password_reset } from './consumer/passwords/existing_password/reset.ts'
import { migrate as consumer_passwords_migrate } from './consumer/passwords/migrate.ts'
import { reset as consumer_passwords_sessions_reset } from './consumer/passwords/sessions/reset.ts'
import { strengthCheck as consumer_passwords_strength_check } from './consumer/passwords/strength_check.ts'
import { metrics as consumer_project_metrics } from './consumer/project/metrics.ts'
import { policy as consumer_rbac_policy } from './consumer/rbac/policy.ts'
import { attest as consumer_sessions_attest } from './consumer/sessions/attest.ts'
import { authenticate as consumer_sessions_authenticate } from './consumer/sessions/authenticate.ts'
import { get as consumer_sessions_get } from './consumer/sessions/get.ts'
import { getJwks as consumer_sessions_get_jwks } from './consumer/sessions/get_jwks.ts'
import { migrate as consumer_sessions_migrate } from './consumer/sessions/migrate.ts'
import { revoke as consumer_sessions_revoke } from './consumer/sessions/revoke.ts'
import { authenticate as consumer_totps_authenticate } from './consumer/totps/authenticate.ts'
import { create as consumer_totps_create } from './consumer/totps/create.ts'
import { recover as consumer_totps_recover } from './consumer/totps/recover.ts'
import { recoveryCodes as consumer_totps_recovery_codes } from './consumer/totps/recovery_codes.ts'
import { create as consumer_users_create } from './consumer/users/create.ts'
import { remove as consumer_users_delete } from './consumer/users/delete.ts'
import { removeEmail as consumer_users_delete_email } from './consumer/users/delete_email.ts'
import { removeExternalId as consumer_users_delete_external_id } from './consumer/users/delete_external_id.ts'
import { removePassword as consumer_users_delete_password } from './consumer/users/delete_password.ts'
import { removePhoneNumber as consumer_users_delete_phone_number } from './consumer/users/delete_phone_number.ts'
import { removeTotp as consumer_users_delete_totp } from './consumer/users/delete_totp.ts'
import { exchangePrimary as consumer_users_exchange_primary_factor } from './consumer/users/exchange_primary_factor.ts'
import { get as consumer_users_get } from './consumer/users/get.ts'
import { search as consumer_users_search } from './consumer/users/search.ts'
import { update as consumer_users_update } from './consumer/users/update.ts'
import { inbox as dev_inbox } from './dev/inbox.ts'
import { messages as dev_messages } from './dev/messages.ts'
import { getAllowedSMSCountryCodes as management_country_code_allowlist_get_allowed_sms_country_codes } from './management/country_code_allowlist/get_allowed_sms_country_codes.ts'
import { getAllowedWhatsAppCountryCodes as management_country_code_allowlist_get_allowed_whatsapp_country_codes } from './management/country_code_allowlist/get_allowed_whatsapp_country_codes.ts'
import { setAllowedSMSCountryCodes as management_country_code_allowlist_set_allowed_sms_country_codes } from './management/country_code_allowlist/set_allowed_sms_country_codes.ts'
import { setAllowedWhatsAppCountryCodes as management_country_code_allowlist_set_allowed_whatsapp_country_codes } from './management/country_code_allowlist/set_allowed_whatsapp_country_codes.ts'
import { create as management_email_templates_create } from './management/email_templates/create.ts'
import { remove as management_email_templates_delete } from './management/email_templates/delete.ts'
import { get as management_email_templates_get } from './management/email_templates/get.ts'
import { getAll as management_email_templates_get_all } from './management/email_templates/get_all.ts'
import { getDefault as management_email_templates_get_default } from './management/email_templates/get_default.ts'
import { setDefault as management_email_templates_set_default } from './management/email_templates/set_default.ts'
import { unsetDefault as management_email_templates_unset_default } from './management/email_templates/unset_default.ts'
import { update as management_email_templates_update } from './management/email_templates/update.ts'
import { get as management_environments_get } from './management/environments/get.ts'
import { getAll as management_environments_get_all } from './management/environments/get_all.ts'
import { update as management_environments_update } from './management/environments/update.ts'
import { get as management_password_strength_config_get } from './management/password_strength_config/get.ts'
import { set as management_password_strength_config_set } from './management/password_strength_config/set.ts'
import { get as management_projects_get } from './management/projects/get.ts'
import { getAll as management_projects_get_all } from './management/projects/get_all.ts'
import { get as management_rbac_policy_get } from './management/rbac_policy/get.ts'
import { set as management_rbac_policy_set } from './management/rbac_policy/set.ts'
import { create as management_redirect_urls_create } from './management/redirect_urls/create.ts'
import { remove as management_redirect_urls_delete } from './management/redirect_urls/delete.ts'
import { get as management_redirect_urls_get } from './management/redirect_urls/get.ts'
import { getAll as management_redirect_urls_get_all } from './management/redirect_urls/get_all.ts'
import { update as management_redirect_urls_update } from './management/redirect_urls/update.ts'
import { create as management_secrets_create } from './management/secrets/create.ts'
import { remove as management_secrets_delete } from './management/secrets/delete.ts'
import { get as management_secrets_get } from './management/secrets/get.ts'
import { getAll as management_secrets_get_all } from './management/secrets/get_all.ts'
import { create as management_trusted_token_profiles_create } from './management/trusted_token_profiles/create.ts'
import { createPEMFile as management_trusted_token_profiles_create_pem_file } from './management/trusted_token_profiles/create_pem_file.ts'
import { remove as management_trusted_token_profiles_delete } from './management/trusted_token_profiles/delete.ts'
import { deletePEMFile as management_trusted_token_profiles_delete_pem_file } from './management/trusted_token_profiles/delete_pem_file.ts'
import { get as management_trusted_token_profiles_get } from './management/trusted_token_profiles/get.ts'
import { getAll as management_trusted_token_profiles_get_all } from './management/trusted_token_profiles/get_all.ts'
import { getPEMFile as management_trusted_token_profiles_get_pem_file } from './management/trusted_token_profiles/get_pem_file.ts'
import { update as management_trusted_token_profiles_update } from './management/trusted_token_profiles/update.ts'
import type { Operation } from './operation.ts'
import type { Page } from './page.ts'
import { followLink as public_follow_link } from './public/follow_link.ts'
import { unlock as public_unlock } from './public/unlock.ts'
import { wellKnownJwks as public_well_known_jwks } from './public/well_known_jwks.ts'

export const operations: Operation[] = [
  b2b_discovery_intermediate_sessions_exchange,
  b2b_discovery_organizations_create,
  b2b_discovery_organizations_list,
  b2b_magic_links_authenticate,
  b2b_magic_links_discovery_authenticate,
  b2b_magic_links_email_discovery_send,
  b2b_magic_links_email_invite,
  b2b_magic_links_email_login_or_signup,
  b2b_organizations_create,
  b2b_organizations_delete,
  b2b_organizations_delete_external_id,
  b2b_organizations_get,
  b2b_organizations_members_create,
  b2b_organizations_members_dangerously_get,
  b2b_organizations_members_delete,
  b2b_organizations_members_delete_external_id,
  b2b_organizations_members_delete_mfa_phone_number,
  b2b_organizations_members_delete_password,
  b2b_organizations_members_delete_totp,
  b2b_organizations_members_get,
  b2b_organizations_members_reactivate,
  b2b_organizations_members_search,
  b2b_organizations_members_start_email_update,
  b2b_organizations_members_unlink_retired_email,
  b2b_organizations_members_update,
  b2b_organizations_metrics,
  b2b_organizations_search,
  b2b_organizations_update,
  b2b_otps_email_authenticate,
  b2b_otps_email_discovery_authenticate,
  b2b_otps_email_discovery_send,
  b2b_otps_email_login_or_signup,
  b2b_otps_sms_authenticate,
  b2b_otps_sms_send,
  b2b_passwords_authenticate,
  b2b_passwords_discovery_authenticate,
  b2b_passwords_discovery_email_reset,
  b2b_passwords_discovery_email_reset_start,
  b2b_passwords_email_require_reset,
  b2b_passwords_email_reset,
  b2b_passwords_email_reset_start,
  b2b_passwords_existing_password_reset,
  b2b_passwords_migrate,
  b2b_passwords_sessions_reset,
  b2b_passwords_strength_check,
  b2b_rbac_organizations_get_org_policy,
  b2b_rbac_organizations_set_org_policy,
  b2b_rbac_policy,
  b2b_recovery_codes_get,
  b2b_recovery_codes_recover,
  b2b_recovery_codes_rotate,
  b2b_sessions_attest,
  b2b_sessions_authenticate,
  b2b_sessions_exchange,
  b2b_sessions_get,
  b2b_sessions_get_jwks,
  b2b_sessions_migrate,
  b2b_sessions_revoke,
  b2b_totps_authenticate,
  b2b_totps_create,
  b2b_totps_migrate,
  consumer_debug_whoami,
  consumer_magic_links_authenticate,
  consumer_magic_links_create,
  consumer_magic_links_email_invite,
  consumer_magic_links_email_login_or_create,
  consumer_magic_links_email_revoke_invite,
  consumer_magic_links_email_send,
  consumer_otps_authenticate,
  consumer_otps_email_login_or_create,
  consumer_otps_email_send,
  consumer_otps_sms_login_or_create,
  consumer_otps_sms_send,
  consumer_otps_whatsapp_login_or_create,
  consumer_otps_whatsapp_send,
  consumer_passwords_authenticate,
  consumer_passwords_create,
  consumer_passwords_email_reset,
  consumer_passwords_email_reset_start,
  consumer_passwords_existing_password_reset,
  consumer_passwords_migrate,
  consumer_passwords_sessions_reset,
  consumer_passwords_strength_check,
  consumer_project_metrics,
  consumer_rbac_policy,
  consumer_sessions_attest,
  consumer_sessions_authenticate,
  consumer_sessions_get,
  consumer_sessions_get_jwks,
  consumer_sessions_migrate,
  consumer_sessions_revoke,
  consumer_totps_authenticate,
  consumer_totps_create,
  consumer_totps_recover,
  consumer_totps_recovery_codes,
  consumer_users_create,
  consumer_users_delete,
  consumer_users_delete_email,
  consumer_users_delete_external_id,
  consumer_users_delete_password,
  consumer_users_delete_phone_number,
  consumer_users_delete_totp,
  consumer_users_exchange_primary_factor,
  consumer_users_get,
  consumer_users_search,
  consumer_users_update,
  dev_messages,
  management_country_code_allowlist_get_allowed_sms_country_codes,
  management_country_code_allowlist_get_allowed_whatsapp_country_codes,
  management_country_code_allowlist_set_allowed_sms_country_codes,
  management_country_code_allowlist_set_allowed_whatsapp_country_codes,
  management_email_templates_create,
  management_email_templates_delete,
  management_email_templates_get,
  management_email_templates_get_all,
  management_email_templates_get_default,
  management_email_templates_set_default,
  management_email_templates_unset_default,
  management_email_templates_update,
  management_environments_get,
  management_environments_get_all,
  management_environments_update,
  management_password_strength_config_get,
  management_password_strength_config_set,
  management_projects_get,
  management_projects_get_all,
  management_rbac_policy_get,
  management_rbac_policy_set,
  management_redirect_urls_create,
  management_redirect_urls_delete,
  management_redirect_urls_get,
  management_redirect_urls_get_all,
  management_redirect_urls_update,
  management_secrets_create,
  management_secrets_delete,
  management_secrets_get,
  management_secrets_get_all,
  management_trusted_token_profiles_create,
  management_trusted_token_profiles_create_pem_file,
  management_trusted_token_profiles_delete,
  management_trusted_token_profiles_delete_pem_file,
  management_trusted_token_profiles_get,
  management_trusted_token_profiles_get_all,
  management_trusted_token_profiles_get_pem_file,
  management_trusted_token_profiles_update,
  public_well_known_jwks,
]

export const pages: Page[] = [dev_inbox, public_follow_link, public_unlock]
