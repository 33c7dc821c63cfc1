/** The first schema: configuration, users, sessions, one-time tokens, audit events. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

// Only text, integers and JSON kept as text; times are milliseconds; every tenant's key begins with project_id.
const statements = [
  `create table installation (name text primary key, value text not null)`,

  `create table workspace_keys (
    key_id text primary key, secret_hash text not null, last_four text not null, created_at bigint not null)`,

  `create table projects (
    project_slug text primary key, name text not null, vertical text not null, created_at bigint not null)`,

  `create table environments (
    project_id text primary key, project_slug text not null, environment_slug text not null, type text not null,
    name text not null, oauth_callback_id text not null, settings text not null,
    config_version bigint not null, created_at bigint not null,
    unique (project_slug, environment_slug))`,

  `create table rbac_policies (project_id text primary key, policy text not null)`,

  `create table secrets (
    project_id text not null, secret_id text not null, secret_hash text not null, last_four text not null,
    created_at bigint not null, used_at bigint,
    primary key (project_id, secret_id))`,

  `create table public_tokens (
    project_id text not null, public_token text not null unique, created_at bigint not null,
    primary key (project_id, public_token))`,

  `create table signing_keys (
    project_id text not null, kid text not null, public_jwk text not null, sealed_private_key text not null,
    created_at bigint not null, active_at bigint not null, retired_at bigint,
    primary key (project_id, kid))`,

  `create table trusted_token_profiles (
    project_id text not null, profile_id text not null, name text not null, audience text not null,
    issuer text not null, public_key_type text not null, jwks_url text, pem_files text not null,
    attribute_mapping text, can_jit_provision integer not null, single_use_token_ids integer not null,
    created_at bigint not null,
    primary key (project_id, profile_id))`,

  `create table identifiers (
    project_id text not null, scope text not null, kind text not null, value text not null, owner_id text not null,
    primary key (project_id, scope, kind, value))`,
  `create index identifiers_by_owner on identifiers (project_id, owner_id)`,

  `create table users (
    project_id text not null, user_id text not null, status text not null,
    first_name text not null, middle_name text not null, last_name text not null, name_search text not null,
    external_id text, emails text not null, phone_numbers text not null, providers text not null,
    webauthn_registrations text not null, biometric_registrations text not null, totps text not null,
    crypto_wallets text not null, password text, roles text not null,
    trusted_metadata text not null, untrusted_metadata text not null, search_flags text not null,
    lock_created_at bigint, lock_expires_at bigint,
    created_at bigint not null, version bigint not null,
    primary key (project_id, user_id))`,
  `create index users_newest_first on users (project_id, created_at, user_id)`,

  `create table sessions (
    project_id text not null, session_id text not null, owner_id text not null, token_hash text not null,
    sealed_token text not null, authentication_factors text not null, custom_claims text not null,
    attributes text not null, started_at bigint not null, last_accessed_at bigint not null, expires_at bigint not null,
    revoked_at bigint, version bigint not null,
    primary key (project_id, session_id))`,
  `create unique index sessions_by_token on sessions (project_id, token_hash)`,
  `create index sessions_by_owner on sessions (project_id, owner_id)`,
  `create index sessions_by_expiry on sessions (expires_at)`,

  `create table spent_tokens (
    project_id text not null, purpose text not null, token_hash text not null, expires_at bigint not null,
    primary key (project_id, purpose, token_hash))`,
  `create index spent_tokens_by_expiry on spent_tokens (expires_at)`,

  `create table events (
    project_id text not null, event_id text not null, type text not null, subject_id text not null,
    request_id text, details text not null, created_at bigint not null,
    primary key (project_id, event_id))`,
  `create index events_by_time on events (project_id, created_at)`,
  `create index events_oldest_first on events (created_at)`,
]

/** Creates the tables. */
export async function ground(db: Handle): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
