/** The second schema: what people prove themselves with (codes, links, passwords, authenticator apps), messages, limits. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

const statements = [
  `create table redirect_urls (
    project_id text not null, url text not null, valid_types text not null, created_at bigint not null,
    primary key (project_id, url))`,

  `create table password_strength_configs (project_id text primary key, config text not null)`,

  `create table allowed_country_codes (
    project_id text not null, channel text not null, country_codes text not null,
    primary key (project_id, channel))`,

  `create table provisional_contacts (
    project_id text not null, contact_id text not null, owner_id text not null, expires_at bigint not null,
    primary key (project_id, contact_id))`,
  `create index provisional_contacts_by_expiry on provisional_contacts (expires_at)`,

  `create table one_time_tokens (
    project_id text not null, purpose text not null, token_hash text not null, owner_id text not null,
    method_id text not null, details text not null,
    created_at bigint not null, expires_at bigint not null, used_at bigint,
    primary key (project_id, purpose, token_hash))`,
  `create index one_time_tokens_by_owner on one_time_tokens (project_id, owner_id)`,
  `create index one_time_tokens_by_expiry on one_time_tokens (expires_at)`,

  `create table one_time_codes (
    project_id text not null, code_id text not null, owner_id text not null, method_id text not null,
    code_hash text not null, failures bigint not null, details text not null,
    created_at bigint not null, expires_at bigint not null, superseded_at bigint, used_at bigint,
    primary key (project_id, code_id))`,
  `create index one_time_codes_by_method on one_time_codes (project_id, method_id)`,
  `create index one_time_codes_by_owner on one_time_codes (project_id, owner_id)`,
  `create index one_time_codes_by_expiry on one_time_codes (expires_at)`,

  `create table passwords (
    project_id text not null, owner_id text not null, password_id text not null, scheme text not null,
    hash text not null, accepted_by text not null, created_at bigint not null, updated_at bigint not null,
    primary key (project_id, owner_id))`,

  `create table totps (
    project_id text not null, owner_id text not null, totp_id text not null, sealed_secret text not null,
    sealed_recovery_codes text not null, verified integer not null, last_step bigint not null,
    expires_at bigint not null, created_at bigint not null, version bigint not null,
    primary key (project_id, owner_id))`,
  `create unique index totps_by_id on totps (project_id, totp_id)`,

  `create table failed_attempts (
    project_id text not null, owner_id text not null, failures bigint not null,
    primary key (project_id, owner_id))`,

  `create table counters (
    project_id text not null, name text not null, subject text not null, period bigint not null,
    count bigint not null, expires_at bigint not null,
    primary key (project_id, name, subject, period))`,
  `create index counters_by_expiry on counters (expires_at)`,

  `create table messages (
    project_id text not null, message_id text not null, channel text not null, recipient text not null,
    template text not null, locale text not null, sealed_content text, state text not null,
    attempts bigint not null, next_attempt_at bigint not null, claim text, claimed_until bigint not null,
    problem text, created_at bigint not null, expires_at bigint not null,
    primary key (project_id, message_id))`,
  `create table suppressions (
    project_id text not null, channel text not null, recipient text not null, expires_at bigint not null,
    primary key (project_id, channel, recipient))`,
  `create index suppressions_by_expiry on suppressions (expires_at)`,
  `create index messages_waiting on messages (next_attempt_at) where state = 'waiting'`,
  `create index messages_newest_first on messages (project_id, created_at)`,
  `create index messages_by_time on messages (created_at)`,
]

/** Creates the tables. */
export async function proofsAndDelivery(db: Handle): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
