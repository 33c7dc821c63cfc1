/** The one catalogue of refusals: every error type the server can answer, with its HTTP status and our sentence. */

/** `type: [status, sentence]`. Types and statuses follow the reference (wire.md §13, consumer.md §5). */
const catalogue = {
  // Credentials, routing, envelopes
  bad_request: [400, 'The submitted request is invalid.'],
  invalid_argument: [400, 'An argument of the request is invalid.'],
  invalid_authorization_header: [
    401,
    'Send an Authorization header of the form "Basic base64(id:secret)" with this request.',
  ],
  unauthorized_credentials: [401, 'Unauthorized credentials.'],
  invalid_b2b_endpoint: [400, 'This endpoint is only enabled for B2B projects.'],
  invalid_consumer_endpoint: [400, 'This endpoint is only enabled for consumer projects.'],
  live_id_used_in_test_environment: [400, 'The id belongs to a live environment, but these are test credentials.'],
  test_id_used_in_live_environment: [400, 'The id belongs to a test environment, but these are live credentials.'],
  route_not_found: [404, 'No operation is served at this path.'],
  method_not_allowed: [405, 'This path does not answer to that HTTP method.'],
  request_too_large: [413, 'The request body is larger than this server accepts.'],
  request_headers_too_large: [431, 'The request headers are larger than this server accepts.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  internal_server_error: [
    500,
    'Something went wrong on our side. The request id will help the operator of this server to find out what.',
  ],
  server_unavailable: [503, 'The server cannot answer right now. Try again in a moment.'],
  user_lock_limit_reached: [
    429,
    'The user has been locked out due to too many failed authentication attempts. Please try again later.',
  ],

  // Configuration (management API)
  invalid_project_id: [400, 'project_id format is invalid.'],
  project_not_found: [404, 'Project could not be found.'],
  environment_not_found: [404, 'Environment could not be found.'],
  invalid_user_lock_threshold: [400, 'user_lock_threshold must be between 1 and 100.'],
  invalid_user_lock_ttl: [400, 'user_lock_ttl must be between 300 and 604800 seconds.'],
  invalid_secret_id: [400, 'secret_id format is invalid.'],
  secret_not_found: [404, 'Secret could not be found.'],
  too_many_secrets: [400, 'This environment already has the highest number of secrets allowed. Delete one first.'],

  // Trusted token profiles
  trusted_token_profile_not_found: [404, 'Trusted token profile could not be found.'],
  pem_file_not_found: [404, 'PEM file could not be found.'],
  trusted_token_profile_invalid_request: [400, 'The trusted token profile is not valid.'],
  trusted_token_profile_incorrect_external_id_mapping: [
    400,
    'attribute_mapping names an external id attribute that does not exist for this kind of project.',
  ],
  trusted_token_profile_cannot_have_multiple_external_ids: [
    400,
    'attribute_mapping may map external_user_id or external_member_id, not both.',
  ],
  must_have_jwks_url_for_trusted_token_profile_with_type_jwk: [400, 'A profile of type JWK needs a jwks_url.'],
  must_have_pem_files_for_trusted_token_profile_with_type_pem: [
    400,
    'A profile of type PEM needs at least one entry in pem_files.',
  ],
  cannot_add_pem_file_to_non_pem_trusted_token_profile: [400, 'PEM files can only be added to a profile of type PEM.'],
  too_many_pem_files_for_trusted_token_profile: [400, 'A profile can hold at most five PEM files.'],
  too_many_trusted_token_profiles_for_project: [
    400,
    'This environment already has the highest number of trusted token profiles allowed.',
  ],
  invalid_jwks_url: [400, 'jwks_url must be an absolute http or https URL.'],

  // Role-based access control
  invalid_role_for_vertical: [400, 'That default role does not exist for this kind of project.'],
  invalid_rbac_role_id: [400, 'A role_id is not defined in the RBAC policy.'],
  cannot_assign_default_rbac_role_id: [400, 'The default role is held by everyone and cannot be assigned.'],
  empty_rbac_resource_id: [400, 'resource_id must not be empty.'],
  empty_rbac_role_id: [400, 'role_id must not be empty.'],
  empty_rbac_scope: [400, 'scope must not be empty.'],
  invalid_stytch_prefixed_resource: [
    400,
    'Custom resources and roles must not start with the reserved prefix "stytch".',
  ],
  cannot_specify_wildcard_with_other_actions: [400, 'The action "*" must be the only action of its permission.'],
  invalid_wildcard_action: [400, 'A resource cannot list "*" among its available actions.'],
  invalid_permission_resource: [400, 'A permission names a resource_id that the policy does not define.'],
  invalid_permission_action: [400, 'A permission names an action that its resource does not define.'],
  rbac_reserved_scope: [400, 'The scope is reserved and cannot be defined.'],
  rbac_resource_duplicate: [400, 'A resource_id is defined twice.'],
  rbac_role_duplicate: [400, 'A role_id is defined twice.'],
  rbac_scope_duplicate: [400, 'A scope is defined twice.'],
  rbac_action_duplicate: [400, 'An action is listed twice.'],
  rbac_resource_id_too_long: [400, 'A resource_id is longer than 128 characters.'],
  rbac_role_id_too_long: [400, 'A role_id is longer than 128 characters.'],
  rbac_scope_too_long: [400, 'A scope is longer than 128 characters.'],
  rbac_action_too_long: [400, 'An action is longer than 128 characters.'],
  rbac_description_too_long: [400, 'A description is longer than 500 characters.'],
  rbac_resource_missing_actions: [400, 'A resource needs at least one available action.'],
  rbac_permission_missing_actions: [400, 'A permission needs at least one action.'],
  rbac_org_custom_roles_only: [400, 'An organization can define roles of its own only, not those of the platform.'],
  rbac_cannot_delete_attribute_used_in_org_policy: [
    400,
    'A resource or action that is to go is used by a role of an organization. Change that role first.',
  ],
  too_many_roles: [400, 'An organization can define at most 100 roles.'],
  consumer_session_authorization_error: [
    403,
    'The User is not authorized to perform the requested action on that resource.',
  ],

  // Users
  invalid_user_id: [400, 'user_id format is invalid.'],
  user_not_found: [404, 'User could not be found.'],
  invalid_create_user_request: [400, 'A new user needs an email or a phone_number.'],
  invalid_email: [400, 'Email format is invalid.'],
  invalid_phone_number: [400, 'Phone number format is invalid. Use E.164, for example +14155550123.'],
  duplicate_email: [400, 'A user with the specified email already exists for this project.'],
  duplicate_phone_number: [400, 'A user with the specified phone number already exists for this project.'],
  duplicate_user_external_id: [400, 'A user with the specified external_id already exists for this project.'],
  invalid_email_id: [400, 'email_id format is invalid.'],
  email_not_found: [404, 'Email could not be found.'],
  invalid_id: [400, 'The id format is invalid.'],
  too_many_unverified_factors: [
    400,
    'The user has an unverified contact of this kind already. Verify or delete it before adding another.',
  ],
  too_many_user_selection_arguments: [400, 'Include at most one of user_id, session_token and session_jwt.'],
  phone_number_not_found: [404, 'Phone number could not be found.'],
  invalid_exchange_primary_factor_fields: [400, 'Include either an email_address or a phone_number.'],
  invalid_exchange_primary_factor_user: [
    400,
    'The user must have exactly one factor, and it must be an email address or a phone number.',
  ],
  invalid_ip_address: [400, 'attributes.ip_address must be an IPv4 or IPv6 address.'],
  invalid_user_agent: [400, 'attributes.user_agent must be at most 1024 printable characters.'],
  metadata_too_large: [400, 'Metadata must be at most 4096 bytes of JSON per object.'],
  metadata_too_many_keys: [400, 'Metadata must have at most 20 top-level keys per object.'],
  metadata_invalid_format: [400, 'Metadata must be a JSON object.'],

  // User search
  search_timeout: [503, 'The search took too long. Narrow it down, or try again later.'],
  user_search_invalid_operator: [400, 'query.operator must be AND or OR.'],
  user_search_invalid_limit: [400, 'limit must be an integer between 1 and 1000.'],
  user_search_invalid_cursor: [400, 'cursor is not one that this search returned.'],
  user_search_invalid_status_filter: [400, 'The status filter takes "active" or "pending".'],
  user_search_invalid_oauth_provider_filter: [400, 'The oauth_provider filter names an unknown provider.'],
  user_search_filter_name_not_recognized: [400, 'filter_name is not one of the filters of user search.'],
  user_search_filter_name_must_be_string: [400, 'filter_name must be a string.'],
  user_search_missing_filter_name: [400, 'Each operand needs a filter_name.'],
  user_search_missing_filter_value: [400, 'Each operand needs a filter_value.'],
  user_search_missing_biometric_registration_ids: [400, 'The filter biometric_registration_id needs a filter_value.'],
  user_search_missing_biometric_verified: [400, 'The filter biometric_verified needs a filter_value.'],
  user_search_missing_created_at_greater_than: [400, 'The filter created_at_greater_than needs a filter_value.'],
  user_search_missing_created_at_less_than: [400, 'The filter created_at_less_than needs a filter_value.'],
  user_search_missing_crypto_wallet_address: [400, 'The filter crypto_wallet_address needs a filter_value.'],
  user_search_missing_crypto_wallet_id: [400, 'The filter crypto_wallet_id needs a filter_value.'],
  user_search_missing_crypto_wallet_verified: [400, 'The filter crypto_wallet_verified needs a filter_value.'],
  user_search_missing_email_address_fuzzy: [400, 'The filter email_address_fuzzy needs a filter_value.'],
  user_search_missing_email_addresses: [400, 'The filter email_address needs a filter_value.'],
  user_search_missing_email_domain: [400, 'The filter email_domain needs a filter_value.'],
  user_search_missing_email_ids: [400, 'The filter email_id needs a filter_value.'],
  user_search_missing_email_verified: [400, 'The filter email_verified needs a filter_value.'],
  user_search_missing_full_name_fuzzy: [400, 'The filter full_name_fuzzy needs a filter_value.'],
  user_search_missing_oauth_providers: [400, 'The filter oauth_provider needs a filter_value.'],
  user_search_missing_password: [400, 'The filter password_exists needs a filter_value.'],
  user_search_missing_phone_ids: [400, 'The filter phone_id needs a filter_value.'],
  user_search_missing_phone_number_fuzzy: [400, 'The filter phone_number_fuzzy needs a filter_value.'],
  user_search_missing_phone_numbers: [400, 'The filter phone_number needs a filter_value.'],
  user_search_missing_phone_verified: [400, 'The filter phone_verified needs a filter_value.'],
  user_search_missing_status: [400, 'The filter status needs a filter_value.'],
  user_search_missing_totp_ids: [400, 'The filter totp_id needs a filter_value.'],
  user_search_missing_totp_verified: [400, 'The filter totp_verified needs a filter_value.'],
  user_search_missing_user_ids: [400, 'The filter user_id needs a filter_value.'],
  user_search_missing_webauthn_registration_ids: [400, 'The filter webauthn_registration_id needs a filter_value.'],
  user_search_missing_webauthn_verified: [400, 'The filter webauthn_registration_verified needs a filter_value.'],
  user_search_expected_string: [400, 'This filter takes a string.'],
  user_search_expected_bool: [400, 'This filter takes true or false.'],
  user_search_expected_array_of_string: [400, 'This filter takes an array of strings.'],
  user_search_expected_timestamp: [400, 'This filter takes an RFC 3339 timestamp.'],
  user_search_expected_object: [400, 'This filter takes an object.'],
  user_search_missing_greater_than: [400, 'created_at_between needs greater_than.'],
  user_search_missing_less_than: [400, 'created_at_between needs less_than.'],
  user_search_cannot_mix_internal_and_external_user_ids: [
    400,
    'The user_id filter takes either user ids or external ids, not a mixture.',
  ],
  user_search_maximum_filter_value_count_exceeded: [400, 'A filter takes at most 100 values.'],
  user_search_email_address_fuzzy_too_short: [400, 'email_address_fuzzy needs at least 3 characters.'],
  user_search_full_name_fuzzy_too_short: [400, 'full_name_fuzzy needs at least 3 characters.'],
  user_search_phone_number_fuzzy_too_short: [400, 'phone_number_fuzzy needs at least 3 characters.'],

  // Sessions
  no_session_arguments: [400, 'Include a session_token or a session_jwt.'],
  too_many_session_arguments: [
    400,
    'Include at most one of session_token, session_jwt and, where it is taken, intermediate_session_token.',
  ],
  no_session_revoke_arguments: [400, 'Include a session_id, a session_token or a session_jwt.'],
  too_many_session_revoke_arguments: [400, 'Include only one of session_id, session_token and session_jwt.'],
  invalid_session_id: [400, 'session_id format is invalid.'],
  invalid_session_token: [400, 'Session token format is invalid.'],
  invalid_session_duration_minutes: [400, 'session_duration_minutes must be between 5 and 527040.'],
  unable_to_parse_session_jwt: [400, 'The session_jwt could not be parsed or its signature is not valid.'],
  jwt_invalid_audience: [400, 'The audience of the session_jwt is not this project.'],
  jwt_invalid_issuer: [400, 'The issuer of the session_jwt is not this project.'],
  jwt_invalid_claims: [400, 'The session_jwt lacks the claims of a session.'],
  custom_claims_too_large: [400, 'Custom claims must be at most 4096 bytes of JSON in total.'],
  stytch_claims_in_custom_claims: [400, 'Custom claims must not start with https://stytch.com/.'],
  session_not_found: [404, 'Session could not be found.'],
  session_not_mutable: [400, 'An impersonated session cannot be extended or given further factors.'],
  invalid_trusted_auth_token: [400, 'Invalid trusted auth token.'],
  migrate_from_external_missing_userinfo: [
    400,
    'Set zero_downtime_session_migration_url for this environment before migrating sessions.',
  ],
  migrate_from_external_unexpected_response: [
    400,
    'The external UserInfo endpoint did not answer with a usable email address.',
  ],
  migrate_from_external_email_does_not_exist: [404, 'No user has the email address of the external session.'],

  // Limits and delivery
  too_many_requests: [429, 'Too many requests have been made. Try again after the time in the Retry-After header.'],
  downstream_carrier_error: [400, 'The message could not be handed to a carrier. This may be temporary.'],
  inactive_email: [400, 'Mail to this address was refused for good by its provider. Use another address.'],
  unsubscribed_phone_number: [400, 'This phone number has opted out of messages. Its owner has to opt in again first.'],
  invalid_locale: [400, 'locale must be one of en, es, pt-br and fr.'],

  // Email templates
  email_template_not_found: [404, 'Email template could not be found.'],
  invalid_template_id: [400, 'The template is made for another kind of email.'],
  duplicate_email_template_vanity_id: [400, 'The project has an email template with this template_id already.'],
  too_many_email_templates: [400, 'This project already has the highest number of email templates allowed.'],
  cannot_delete_default_email_template: [
    400,
    'The email template is a default. Unset the default, or make another template it, before deleting this one.',
  ],
  invalid_email_template_content: [400, 'The email template has no content that fits it.'],
  invalid_email_template_parameters: [400, 'The email template has variables that do not fit its type.'],
  invalid_template_values: [400, 'A value of the email template is out of range.'],
  invalid_email_subject: [
    400,
    'custom_html_customization.subject must be one line of 1 to 256 characters, without control characters.',
  ],
  invalid_email_html: [400, 'custom_html_customization.html_content must be HTML of at most 128 KiB.'],
  invalid_email_plaintext: [400, 'custom_html_customization.plaintext_content must be text of at most 64 KiB.'],
  invalid_from_local_part: [
    400,
    'sender_information.from_local_part must be what can stand before the "@" of an address.',
  ],
  invalid_reply_to_local_part: [
    400,
    'sender_information.reply_to_local_part must be what can stand before the "@" of an address.',
  ],
  required_custom_email_domain: [400, 'A custom HTML template needs a sender_information.from_domain of your own.'],

  // Redirect URLs and country codes
  invalid_url: [400, 'url must be a well-formed absolute URL without user information.'],
  redirect_url_cannot_use_protocol: [400, 'A redirect URL cannot use that scheme.'],
  redirect_url_must_use_https: [400, 'Redirect URLs of a live environment must use https or a scheme of your own.'],
  no_wildcards_in_live_redirect_url: [400, 'Redirect URLs of a live environment cannot have wildcards.'],
  redirect_url_with_wildcard_cannot_be_default: [400, 'A redirect URL with a wildcard cannot be a default.'],
  redirect_url_with_query_param_placeholder_cannot_be_default: [
    400,
    'A redirect URL with a {} placeholder in its query cannot be a default.',
  ],
  invalid_redirect_url_type: [
    400,
    'The type of a redirect URL must be LOGIN, SIGNUP, INVITE, RESET_PASSWORD or DISCOVERY.',
  ],
  redirect_url_not_found: [404, 'Redirect URL could not be found.'],
  too_many_redirect_urls: [
    400,
    'This environment already has the highest number of redirect URLs allowed. Delete one first.',
  ],
  no_match_for_provided_magic_link_url: [
    400,
    'The URL is not among the redirect URLs registered for this purpose. Register it, exactly as it is sent, first.',
  ],
  invalid_login_redirect_url: [400, 'The login redirect URL is malformed.'],
  invalid_signup_redirect_url: [400, 'The signup redirect URL is malformed.'],
  invalid_invite_redirect_url: [400, 'The invite redirect URL is malformed.'],
  invalid_discovery_redirect_url: [400, 'The discovery redirect URL is malformed.'],
  invalid_password_reset_redirect_url: [400, 'The password reset redirect URL is malformed.'],
  no_login_redirect_urls_set: [404, 'No Login redirect URLs are set for this project.'],
  no_signup_redirect_urls_set: [404, 'No Signup redirect URLs are set for this project.'],
  no_invite_redirect_urls_set: [404, 'No Invite redirect URLs are set for this project.'],
  no_discovery_redirect_urls_set: [404, 'No Discovery redirect URLs are set for this project.'],
  no_default_login_redirect_url_set: [400, 'No default Login redirect URL is set: send one with the request.'],
  no_default_signup_redirect_url_set: [400, 'No default Signup redirect URL is set: send one with the request.'],
  no_default_invite_redirect_url_set: [400, 'No default Invite redirect URL is set: send one with the request.'],
  no_default_discovery_redirect_url_set: [400, 'No default Discovery redirect URL is set: send one with the request.'],
  no_password_reset_redirect_url: [400, 'No default Reset Password redirect URL is set: register one, or send one.'],
  invalid_phone_number_country_code: [
    400,
    'Messages to the country of this phone number are not enabled. An operator can allow it, per channel.',
  ],
  country_code_allowlist_empty: [400, 'country_codes must name at least one country.'],
  country_code_allowlist_invalid_country_codes: [
    400,
    'country_codes must be two-letter codes of ISO 3166-1 in capitals, such as "US".',
  ],
  country_code_allowlist_b2b_whatsapp_not_supported: [400, 'B2B projects send no WhatsApp messages.'],

  // Sandbox
  invalid_email_sandbox: [400, 'The sandbox email address can be used in test environments only.'],
  invalid_phone_number_sandbox: [400, 'The sandbox phone number can be used in test environments only.'],

  // Links: attributes and PKCE
  attribute_mismatch: [
    401,
    "Unable to authenticate because the attributes of this request don't match those of the request that sent the code or link.",
  ],
  invalid_pkce_code_challenge: [400, 'code_challenge must be the SHA-256 of the verifier in unpadded base64url.'],
  invalid_pkce_code_verifier: [
    400,
    'code_verifier must be 43 to 128 characters of A-Z, a-z, 0-9, "-", ".", "_" and "~".',
  ],
  pkce_expected_code_verifier: [400, 'This flow was started with a code_challenge: include the code_verifier.'],
  pkce_did_not_expect_code_verifier: [400, 'This flow was started without a code_challenge: leave code_verifier out.'],
  pkce_mismatch: [400, 'The code_verifier does not belong to the code_challenge this flow was started with.'],

  // Magic links
  invalid_expiration: [400, 'The expiration is out of range.'],
  magic_link_not_found: [404, 'The magic link could not be authenticated, try sending another magic link to the user.'],
  unable_to_auth_magic_link: [
    401,
    'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.',
  ],

  // One-time passcodes
  invalid_expiration_otp: [400, 'expiration_minutes of a one-time passcode must be between 1 and 10.'],
  invalid_method_id: [400, 'method_id must be an email_id or a phone_id.'],
  invalid_code: [400, 'code must be six decimal digits.'],
  otp_code_not_found: [404, 'The passcode could not be authenticated. Try sending another one to the user.'],
  unable_to_auth_otp_code: [
    401,
    'The passcode could not be authenticated because it was already used, replaced or tried too often, or has expired. Send another one to the user.',
  ],

  // Passwords
  weak_password: [400, 'The password does not meet the strength policy of this project. Choose a stronger one.'],
  breached_password: [400, 'The password is known from a data breach. Choose another one.'],
  no_user_password: [400, 'The user has no password.'],
  password_already_exists: [400, 'The user already has a password.'],
  reset_password: [400, 'The user must reset the password before logging in with it.'],
  cannot_reset_password_with_existing_password: [
    400,
    'The existing password must be reset by email before it counts again.',
  ],
  session_too_old_to_reset_password: [
    400,
    'The session needs a password, email magic link or email OTP factor of the last five minutes.',
  ],
  invalid_session_missing_primary_factor: [400, 'The session has no password, email magic link or email OTP factor.'],
  unable_to_auth_password_reset_token: [
    401,
    'The password reset token is unknown, or it was already used or expired. Start another reset.',
  ],
  invalid_password_id: [400, 'password_id format is invalid.'],
  password_not_found: [404, 'Password could not be found.'],
  password_validation_timeout: [503, 'The password could not be checked in time. Try again in a moment.'],
  invalid_password_strength_luds_length: [400, 'luds_min_password_length must be between 8 and 32.'],
  invalid_password_strength_luds_complexity: [400, 'luds_min_password_complexity must be between 1 and 4.'],

  // Imported password hashes
  invalid_hash: [400, 'The hash is not in a form of its hash_type.'],
  invalid_hash_type: [
    400,
    'hash_type must be one of bcrypt, md_5, argon_2i, argon_2id, sha_1, sha_512, scrypt, phpass and pbkdf_2.',
  ],
  invalid_bcrypt_hash: [400, 'A bcrypt hash begins with $2a$, $2b$ or $2y$ and has 60 characters.'],
  invalid_bcrypt_cost: [400, 'The cost of a bcrypt hash must be between 04 and 14.'],
  invalid_md_5_hash: [400, 'An MD5 hash has 32 hexadecimal digits.'],
  invalid_sha_1_hash: [400, 'A SHA-1 hash has 40 hexadecimal digits.'],
  invalid_sha_512_hash: [400, 'A SHA-512 hash has 128 hexadecimal digits.'],
  invalid_prepend_salt: [400, 'prepend_salt must be at most 1024 bytes.'],
  invalid_append_salt: [400, 'append_salt must be at most 1024 bytes.'],
  invalid_argon_2_salt: [400, 'The salt of an Argon2 hash must be 8 to 1024 bytes.'],
  invalid_argon_2_iteration_amount: [
    400,
    'iteration_amount must be at least 1, and at most so many that memory times iterations is 1 GiB.',
  ],
  invalid_argon_2_memory: [400, 'memory must be between 8 KiB for each thread and 262144 KiB.'],
  invalid_argon_2_threads: [400, 'threads must be between 1 and 16.'],
  invalid_argon_2_key_length: [400, 'key_length must be between 16 and 512 bytes.'],
  argon_2_key_length_mismatch: [400, 'The Argon2 hash has another length than key_length says.'],
  invalid_base64_scrypt_hash: [400, 'An scrypt hash must be base64.'],
  invalid_base64_scrypt_salt: [400, 'The salt of an scrypt hash must be base64.'],
  invalid_scrypt_salt_length: [400, 'The salt of an scrypt hash must be 1 to 1024 bytes.'],
  invalid_scrypt_n_parameter: [400, 'n_parameter must be a power of two between 2 and 262144.'],
  invalid_scrypt_parameters: [
    400,
    'r_parameter and p_parameter must be between 1 and 64, N·r·p at most 2097152, and the key 16 to 512 bytes.',
  ],
  scrypt_key_length_mismatch: [400, 'The scrypt hash has another length than key_length says.'],
  invalid_pbkdf_2_hash: [400, 'A PBKDF2 hash must be base64 of 16 to 512 bytes.'],
  invalid_pbkdf_2_salt: [400, 'The salt of a PBKDF2 hash must be base64 of 1 to 1024 bytes.'],
  invalid_pbkdf_2_iteration_amount: [400, 'iteration_amount must be between 1 and 1500000 for each block of the key.'],
  invalid_pbkdf_2_algorithm: [400, 'algorithm must be sha256 or sha512.'],
  pbkdf_2_key_length_mismatch: [400, 'The PBKDF2 hash has another length than key_length says.'],
  invalid_phpass_hash_prefix: [400, 'A phpass hash begins with $P$ or $H$.'],
  invalid_phpass_hash_format: [400, 'A phpass hash has 34 characters and a cost between 2^7 and 2^18.'],

  // Authenticator apps
  active_totp_exists: [400, 'The user has an authenticator app already, and can have one only. Delete it first.'],
  pending_totp_exists: [400, 'The user has an authenticator app that waits for its first code. Use it or delete it.'],
  expired_totp: [400, 'The authenticator app was not verified in time. Enrol a new one.'],
  totp_not_found: [404, 'TOTP could not be found.'],
  totps_not_found_for_user: [404, 'The user has no authenticator app.'],
  invalid_totp_id: [400, 'totp_id format is invalid.'],
  invalid_totp_code: [400, 'The code of an authenticator app has six digits.'],
  unable_to_authenticate_totp: [401, 'The code is not one that the authenticator app shows now.'],
  totp_code_already_authenticated: [400, 'This code, or a later one, has been used before. Wait for the next one.'],
  recovery_code_used_as_totp_code: [400, 'This is a recovery code, not the code of an authenticator app.'],
  invalid_recovery_code: [400, 'recovery_code must have the form xxxx-xxxx-xxxx.'],
  unable_to_authenticate_recovery_code: [401, 'The recovery code is wrong or has been used before.'],
  totp_code_used_as_recovery_code: [400, 'This is the code of an authenticator app, not a recovery code.'],
  recovery_codes_not_found: [404, 'The user has no recovery codes left.'],

  // Organizations
  invalid_organization_id: [400, 'organization_id format is invalid.'],
  organization_not_found: [404, 'The organization could not be found.'],
  organization_name_missing: [400, 'organization_name is required: a text of 1 to 128 characters.'],
  invalid_organization_name: [400, 'organization_name must be 1 to 128 characters, and not only spaces.'],
  invalid_organization_slug: [
    400,
    'organization_slug must be 2 to 128 characters of letters, digits, "-", ".", "_" and "~", one of them a letter or digit.',
  ],
  organization_slug_already_used: [400, 'Another organization has this organization_slug.'],
  invalid_organization_external_id: [
    400,
    'organization_external_id must be 1 to 128 characters of letters, digits, ".", "_", "-" and "|".',
  ],
  organization_external_id_already_used: [400, 'Another organization has this organization_external_id.'],
  organization_logo_url_too_long: [400, 'organization_logo_url must be at most 2048 characters.'],
  invalid_organization_auth_factor_setting: [
    400,
    'sso_jit_provisioning, email_jit_provisioning and email_invites must not all be NOT_ALLOWED: nobody could join.',
  ],
  invalid_restricted_email_setting: [
    400,
    'email_jit_provisioning and email_invites can be RESTRICTED only with domains in email_allowed_domains.',
  ],
  invalid_restricted_sso_setting: [
    400,
    'sso_jit_provisioning can be RESTRICTED only with connections in sso_jit_provisioning_allowed_connections.',
  ],
  invalid_restricted_oauth_tenants_setting: [
    400,
    'oauth_tenant_jit_provisioning can be RESTRICTED only with tenants in allowed_oauth_tenants.',
  ],
  invalid_oauth_allowed_tenants_format: [
    400,
    'allowed_oauth_tenants must map slack, hubspot or github to lists of at most 100 tenant ids.',
  ],
  invalid_organization_allowed_auth_methods: [400, 'allowed_auth_methods must be a list of known methods.'],
  allowed_auth_methods_required_for_restricted: [
    400,
    'auth_methods RESTRICTED needs a method in allowed_auth_methods.',
  ],
  invalid_organization_mfa_policy: [400, 'mfa_policy must be OPTIONAL or REQUIRED_FOR_ALL.'],
  invalid_organization_mfa_factor_setting: [400, 'mfa_methods must be ALL_ALLOWED or RESTRICTED.'],
  invalid_organization_allowed_mfa_methods: [400, 'allowed_mfa_methods must be a list of sms_otp and totp.'],
  allowed_mfa_methods_required_for_restricted: [400, 'mfa_methods RESTRICTED needs a method in allowed_mfa_methods.'],
  invalid_sso_default_connection_id: [
    400,
    'sso_default_connection_id must be an active connection of the organization.',
  ],
  invalid_connection_for_jit_provisioning: [
    400,
    'sso_jit_provisioning_allowed_connections must list active connections of the organization.',
  ],
  organization_settings_invalid_domain: [400, 'email_allowed_domains must list domains such as "example.com".'],
  organization_settings_domain_too_common: [400, 'email_allowed_domains must not list domains of consumer providers.'],
  organization_settings_duplicate_domain: [400, 'email_allowed_domains lists a domain twice.'],
  organization_settings_invalid_claimed_domain: [400, 'claimed_email_domains must list domains such as "example.com".'],
  organization_settings_claimed_domain_too_common: [
    400,
    'claimed_email_domains must not list domains of consumer providers.',
  ],
  organization_settings_duplicate_claimed_domain: [400, 'A domain is claimed twice, or by another organization.'],
  too_many_domains: [400, 'A list of domains has at most 100 entries.'],
  rbac_invalid_domain: [400, 'rbac_email_implicit_role_assignments must name domains such as "example.com".'],
  rbac_domain_too_common: [400, 'rbac_email_implicit_role_assignments must not name domains of consumer providers.'],
  action_not_allowed_email_domain_is_claimed: [
    400,
    'The domain of this email address is claimed by another organization, so the address cannot be used in this one.',
  ],

  // Organization search
  organization_search_missing_filter_name: [400, 'Each operand needs a filter_name.'],
  organization_search_filter_name_must_be_string: [400, 'filter_name must be a string.'],
  organization_search_filter_name_not_recognized: [
    400,
    'filter_name is not one of the filters of organization search.',
  ],
  organization_search_expected_string: [400, 'This filter takes a string.'],
  organization_search_expected_boolean: [400, 'This filter takes true or false.'],
  organization_search_expected_array_of_strings: [400, 'This filter takes an array of strings.'],
  organization_search_missing_organization_ids: [400, 'The filter organization_ids needs a filter_value.'],
  organization_search_missing_organization_slugs: [400, 'The filter organization_slugs needs a filter_value.'],
  organization_search_missing_organization_slug_fuzzy: [
    400,
    'The filter organization_slug_fuzzy needs a filter_value.',
  ],
  organization_search_missing_organization_name_fuzzy: [
    400,
    'The filter organization_name_fuzzy needs a filter_value.',
  ],
  organization_search_missing_member_emails: [400, 'The filter member_emails needs a filter_value.'],
  organization_search_missing_member_email_fuzzy: [400, 'The filter member_email_fuzzy needs a filter_value.'],
  organization_search_missing_allowed_domains: [400, 'The filter allowed_domains needs a filter_value.'],
  organization_search_missing_allowed_domain_fuzzy: [400, 'The filter allowed_domain_fuzzy needs a filter_value.'],
  organization_search_missing_claimed_email_domains: [400, 'The filter claimed_email_domains needs a filter_value.'],
  organization_search_missing_has_active_sso_connection: [
    400,
    'The filter has_active_sso_connection needs a filter_value.',
  ],
  organization_search_missing_sso_connection_id: [400, 'The filter sso_connection_id needs a filter_value.'],
  organization_search_organization_slug_fuzzy_too_short: [400, 'organization_slug_fuzzy needs at least 3 characters.'],
  organization_search_organization_name_fuzzy_too_short: [400, 'organization_name_fuzzy needs at least 3 characters.'],
  organization_search_member_email_fuzzy_too_short: [400, 'member_email_fuzzy needs at least 3 characters.'],
  organization_search_allowed_domain_fuzzy_too_short: [400, 'allowed_domain_fuzzy needs at least 3 characters.'],

  // Members
  member_not_found: [404, 'Member could not be found.'],
  invalid_rbac_role_assignment: [400, 'A role is defined neither by the project nor by the organization.'],
  invalid_email_for_invites: [400, 'The organization does not allow invitations to this email address.'],
  member_cannot_update_their_email_address: [
    400,
    'Members change their own email address by start_email_update, which proves the new one.',
  ],
  invalid_member_get_fields: [400, 'Include a member_id or an email_address.'],
  duplicate_member_email: [400, 'A member with the specified email already exists in this organization.'],
  retired_member_email: [
    400,
    'Another member of this organization had this email address before. Unlink it from them first.',
  ],
  duplicate_member_external_id: [400, 'A member with the specified external_id already exists in this organization.'],
  duplicate_member_phone_number: [400, 'Another member of this organization has this phone number.'],
  duplicate_member_phone_number_for_member: [400, 'The member has a phone number already. Delete it first.'],
  member_phone_number_not_found: [404, 'The member has no phone number.'],
  member_password_not_found: [404, 'The member password could not be found.'],
  member_reset_password: [400, 'The member must reset the password before logging in with it.'],
  cannot_toggle_cross_org_passwords_when_password_in_use: [
    400,
    'Whose passwords are can only be changed while nobody has one: delete all passwords first.',
  ],
  cross_org_passwords_not_enabled: [
    400,
    'Passwords of this project belong to single organizations: cross_org_passwords_enabled is off.',
  ],
  cross_org_passwords_enabled: [
    400,
    'Passwords of this project hold for all organizations, so one cannot be deleted in a single organization.',
  ],
  invalid_mfa_default_method: [400, 'default_mfa_method must be sms_otp or totp.'],
  default_mfa_member_missing_factor: [400, 'The member has no factor of the method that default_mfa_method names.'],
  no_deleted_member_found_for_reactivation: [404, 'No deleted member with that id could be found.'],
  email_unverified_for_reactivation: [400, 'Only members whose email address was verified can be reactivated.'],
  reactivation_email_belongs_to_another_member: [
    400,
    'The email address of the deleted member belongs to another member by now.',
  ],
  email_updates_available_only_for_active_members: [400, 'Only active members can change their email address.'],
  member_has_no_active_verified_email: [400, 'The member has no verified email address to begin with.'],
  desired_email_deactivated_by_different_member: [
    400,
    'Another member of this organization had this email address before. Unlink it from them first.',
  ],
  desired_email_updating_for_different_member: [
    400,
    'Another member of this organization is changing to this email address.',
  ],
  unable_to_verify_member_email_update: [
    401,
    'The change of the email address could not be completed because it has expired, was replaced, or the address is taken by now.',
  ],
  retired_email_missing_email_identifiers: [400, 'Include an email_id or an email_address.'],

  // Member search
  member_search_organization_ids_empty: [400, 'organization_ids must name at least one organization.'],
  member_search_filter_name_not_recognized: [400, 'filter_name is not one of the filters of member search.'],
  member_search_filter_name_must_be_string: [400, 'filter_name must be a string.'],
  member_search_missing_filter_name: [400, 'Each operand needs a filter_name.'],
  member_search_missing_member_ids: [400, 'The filter member_ids needs a filter_value.'],
  member_search_missing_member_emails: [400, 'The filter member_emails needs a filter_value.'],
  member_search_missing_member_email_fuzzy: [400, 'The filter member_email_fuzzy needs a filter_value.'],
  member_search_missing_is_breakglass: [400, 'The filter member_is_breakglass needs a filter_value.'],
  member_search_missing_status: [400, 'The filter status needs a filter_value.'],
  member_search_missing_statuses: [400, 'The filter statuses needs a filter_value.'],
  member_search_missing_mfa_member_phone_numbers: [400, 'The filter member_mfa_phone_numbers needs a filter_value.'],
  member_search_missing_mfa_member_phone_number_fuzzy: [
    400,
    'The filter member_mfa_phone_number_fuzzy needs a filter_value.',
  ],
  member_search_missing_password_exists: [400, 'The filter member_password_exists needs a filter_value.'],
  member_search_missing_totp_exists: [400, 'The filter totp_exists needs a filter_value.'],
  member_search_missing_member_roles: [400, 'The filter member_roles needs a filter_value.'],
  member_search_missing_oauth_providers: [400, 'The filter oauth_providers needs a filter_value.'],
  member_search_missing_organization_id: [400, 'The filter organization_id needs a filter_value.'],
  member_search_missing_organization_slug: [400, 'The filter organization_slug needs a filter_value.'],
  member_search_missing_organization_slug_fuzzy: [400, 'The filter organization_slug_fuzzy needs a filter_value.'],
  member_search_expected_string: [400, 'This filter takes a string.'],
  member_search_expected_boolean: [400, 'This filter takes true or false.'],
  member_search_expected_array_of_strings: [400, 'This filter takes an array of strings.'],
  member_search_cannot_mix_internal_and_external_member_ids: [
    400,
    'The member_ids filter takes either member ids or external ids, not a mixture.',
  ],
  member_search_member_email_fuzzy_too_short: [400, 'member_email_fuzzy needs at least 3 characters.'],
  member_search_member_mfa_phone_number_fuzzy_too_short: [
    400,
    'member_mfa_phone_number_fuzzy needs at least 3 characters.',
  ],
  member_search_organization_slug_fuzzy_too_short: [400, 'organization_slug_fuzzy needs at least 3 characters.'],
  search_invalid_status_filter: [400, 'A status is one of pending, invited, active and deleted.'],

  // Sessions of members
  session_authorization_error: [403, 'The Member is not authorized to perform the requested action on that resource.'],
  session_authorization_tenancy_error: [403, 'The session belongs to a member of another organization.'],
  cannot_update_trusted_metadata: [
    401,
    'trusted_metadata can only be written by the backend, without a member session.',
  ],
  token_missing_organization_id_claim: [
    400,
    'The trusted auth token names no organization, or its profile does not map organization_id to a claim.',
  ],
  invalid_token_organization_id_claim: [
    400,
    'The organization claim of the trusted auth token is no organization_id and no organization_external_id.',
  ],

  // Intermediate sessions, multi-factor authentication, exchange
  insufficient_factors_for_session_exchange: [
    400,
    'Nothing that the session has proven counts in another organization.',
  ],
  intermediate_session_not_found: [404, 'Intermediate session could not be found.'],
  invalid_intermediate_session_token_for_organization: [
    400,
    'What the intermediate session has proven counts in the organization it comes from only.',
  ],
  member_session_member_id_mismatch: [400, 'The session or intermediate session is not one of this member.'],
  action_available_only_for_active_members: [400, 'A second factor can be attached to an active member only.'],
  action_available_only_once_primary_authentication_is_met: [
    400,
    'The intermediate session does not meet what the organization requires of the first factor.',
  ],
  operation_restricted_by_organization_mfa_methods: [403, 'The organization does not allow this second factor.'],
  secondary_factor_not_found: [
    404,
    'The member has a second factor: include a session that contains it before adding another.',
  ],
  recovery_codes_already_exist: [400, 'The member has recovery codes already.'],
  no_active_recovery_code_backed_factor: [400, 'The member has no authenticator app that recovery codes belong to.'],

  // Joining an organization, and how
  email_jit_provisioning_not_allowed: [
    400,
    'Nobody has this email address in the organization, and it lets nobody join by their address.',
  ],
  invalid_email_for_jit_provisioning: [
    400,
    'Nobody has this email address in the organization, and its domain is not among those that may join.',
  ],
  operation_restricted_by_organization_auth_methods: [
    403,
    'The organization does not allow members to authenticate by this method.',
  ],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

export type ErrorType = keyof typeof catalogue

/** A refusal on its way to the caller; anything else that is thrown becomes `internal_server_error`. */
export class Refusal extends Error {
  readonly error_type: ErrorType
  readonly status: number
  /** After how many seconds the call may succeed; sent as `Retry-After`. */
  readonly retry_after: number | undefined

  constructor(error_type: ErrorType, sentence?: string, retry_after?: number) {
    super(sentence ?? catalogue[error_type][1])
    this.name = 'Refusal'
    this.error_type = error_type
    this.status = catalogue[error_type][0]
    this.retry_after = retry_after
  }
}

/** A refusal because the server has too much to do, whatever the call asks for; what it would have cost has not been spent. */
export class Overload extends Refusal {
  constructor(error_type: 'server_unavailable' | 'too_many_requests', retry_after: number) {
    super(error_type, undefined, retry_after)
  }
}

/**
 * Refuses the call. `sentence` replaces the catalogue's text where a more exact one helps, for example to name a field;
 * `retry_after` tells, in seconds, when trying again makes sense.
 */
export function fail(error_type: ErrorType, sentence?: string, retry_after?: number): never {
  throw new Refusal(error_type, sentence, retry_after)
}
