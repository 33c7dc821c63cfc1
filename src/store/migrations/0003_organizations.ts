/** The third schema: organizations, their members, and the intermediate sessions between proof and membership. */
import { sql } from 'kysely'
import type { Handle } from '../store.ts'

const statements = [
  `create table organizations (
    project_id text not null, organization_id text not null, organization_name text not null,
    organization_slug text not null, organization_external_id text, organization_logo_url text not null,
    settings text not null, custom_roles text not null, trusted_metadata text not null, name_search text not null,
    created_at bigint not null, updated_at bigint not null, version bigint not null,
    primary key (project_id, organization_id))`,
  `create index organizations_in_order on organizations (project_id, created_at, organization_id)`,

  `create table organization_domains (
    project_id text not null, domain text not null, organization_id text not null,
    primary key (project_id, domain, organization_id))`,
  `create index organization_domains_by_organization on organization_domains (project_id, organization_id)`,

  `create table members (
    project_id text not null, member_id text not null, organization_id text not null, status text not null,
    name text not null, external_id text, email_id text not null, email_address text not null,
    email_address_verified integer not null, retired_email_addresses text not null, email_update text,
    is_breakglass integer not null, mfa_enrolled integer not null, default_mfa_method text not null,
    mfa_phone text, totp text, password text, sso_registrations text not null, oauth_registrations text not null,
    scim_registration text, roles text not null, trusted_metadata text not null, untrusted_metadata text not null,
    search_flags text not null, lock_created_at bigint, lock_expires_at bigint,
    created_at bigint not null, updated_at bigint not null, version bigint not null,
    primary key (project_id, member_id))`,
  `create index members_in_order on members (project_id, organization_id, created_at, member_id)`,
  `create index members_by_email on members (project_id, email_address)`,

  `create table intermediate_sessions (
    project_id text not null, token_hash text not null, email_address text not null,
    organization_id text, authentication_factors text not null, details text not null,
    created_at bigint not null, expires_at bigint not null, used_at bigint, version bigint not null,
    primary key (project_id, token_hash))`,
  `create index intermediate_sessions_by_expiry on intermediate_sessions (expires_at)`,
]

/** Creates the tables. */
export async function organizations(db: Handle): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
