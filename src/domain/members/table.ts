/** The rows of members. */
import { type Kysely, sql } from 'kysely'
import {
  containing,
  domainIn,
  type Handle,
  insertRows,
  keyTable,
  oneOf,
  type Store,
  WriteConflict,
} from '../../store/store.ts'
import { type Member, type MemberRow, toMember, toRow } from './row.ts'

const tables = (handle: Handle) => handle as Kysely<{ members: MemberRow }>

/** The member with that id, whatever its status. */
export async function selectMember(store: Store, project_id: string, member_id: string): Promise<Member | undefined> {
  const row = await tables(store.read)
    .selectFrom('members')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('member_id', '=', member_id)
    .executeTakeFirst()
  return row && toMember(row)
}

/** The members of all organizations whose primary address it is, the deleted ones not, in a fixed order. */
export async function selectMembersOf(store: Store, project_id: string, email_address: string): Promise<Member[]> {
  const rows = await tables(store.read)
    .selectFrom('members')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('email_address', '=', email_address)
    .where('status', '<>', 'deleted')
    .orderBy('member_id')
    .execute()
  return rows.map(toMember)
}

/** The same for many addresses at once. */
export async function selectMembersOfAddresses(
  store: Store,
  project_id: string,
  email_addresses: string[],
): Promise<Member[]> {
  const rows = await tables(store.read)
    .selectFrom('members')
    .selectAll()
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'email_address', email_addresses))
    .where('status', '<>', 'deleted')
    .orderBy('member_id')
    .execute()
  return rows.map(toMember)
}

/** Those of the organizations that have an active member with a verified address in the domain. */
export async function selectWithMemberIn(
  store: Store,
  project_id: string,
  organization_ids: string[],
  domain: string,
): Promise<string[]> {
  const ids = keyTable(
    store,
    'k',
    ['organization_id'],
    organization_ids.map((id) => [id]),
  )
  // What the index is limited to stands in the text: of a parameter the engines could not tell.
  const { rows } = await sql<{ organization_id: string }>`select k.organization_id from ${ids} where exists (
    select 1 from members m where m.project_id = ${project_id} and m.organization_id = k.organization_id
    and ${sql.raw(domainIn(store, 'm.email_address'))} = ${domain}
    and m.status = 'active' and m.email_address_verified = 1)`.execute(store.read)
  return rows.map(({ organization_id }) => organization_id)
}

/** Adds a member. */
export async function insertMember(store: Store, member: Member): Promise<void> {
  await tables(store.write).insertInto('members').values(toRow(member)).execute()
}

/** Adds many members; throws `WriteConflict` when one of the ids is taken. */
export async function insertMembers(store: Store, members: Member[]): Promise<void> {
  if ((await insertRows(store, 'members', members.map(toRow))) < members.length) throw new WriteConflict()
}

/** Those of the members who exist, the deleted ones too, by the ids they go by. */
export function selectMemberNames(
  store: Store,
  project_id: string,
  member_ids: string[],
): Promise<Pick<Member, 'member_id' | 'organization_id' | 'external_id'>[]> {
  return tables(store.read)
    .selectFrom('members')
    .select(['member_id', 'organization_id', 'external_id'])
    .where('project_id', '=', project_id)
    .where(oneOf(store, 'member_id', member_ids))
    .execute()
}

/** The next `limit` members of all organizations after that id, in the order of ids, the deleted ones too. */
export async function selectMembersAfter(
  store: Store,
  project_id: string,
  member_id: string,
  limit: number,
): Promise<Member[]> {
  const rows = await tables(store.read)
    .selectFrom('members')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('member_id', '>', member_id)
    .orderBy('member_id')
    .limit(limit)
    .execute()
  return rows.map(toMember)
}

/** Writes a member; throws `WriteConflict` when it has changed since it was read. Returns it with its new version. */
export async function updateMemberRow(store: Store, member: Member): Promise<Member> {
  const { project_id, member_id, organization_id: _, created_at: __, ...columns } = toRow(member)
  const updated = { ...member, version: member.version + 1 }
  const { numUpdatedRows } = await tables(store.write)
    .updateTable('members')
    .set({ ...columns, version: updated.version })
    .where('project_id', '=', project_id)
    .where('member_id', '=', member_id)
    .where('version', '=', member.version)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new WriteConflict()
  return updated
}

/** Holds a member until the transaction ends and returns its version; undefined when there is none. */
export async function holdMemberRow(store: Store, project_id: string, member_id: string): Promise<number | undefined> {
  const row = await tables(store.write)
    .updateTable('members')
    .set((eb) => ({ version: eb.ref('version') }))
    .where('project_id', '=', project_id)
    .where('member_id', '=', member_id)
    .returning('version')
    .executeTakeFirst()
  return row?.version
}

/** The primary addresses of the members of an organization; of the deleted ones not. */
export async function selectAddressesIn(store: Store, project_id: string, organization_id: string): Promise<string[]> {
  const rows = await tables(store.read)
    .selectFrom('members')
    .select('email_address')
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .where('status', '<>', 'deleted')
    .execute()
  return rows.map(({ email_address }) => email_address)
}

/** Those of the addresses that are the primary one of no member; the deleted ones do not count. */
export async function selectUnused(store: Store, project_id: string, addresses: string[]): Promise<string[]> {
  const keys = keyTable(
    store,
    'k',
    ['email_address'],
    addresses.map((address) => [address]),
  )
  const { rows } = await sql<{ email_address: string }>`select k.email_address from ${keys} where not exists (
    select 1 from members m where m.project_id = ${project_id} and m.email_address = k.email_address
    and m.status <> 'deleted')`.execute(store.read)
  return rows.map(({ email_address }) => email_address)
}

/** Removes all members of an organization, the deleted ones too, and returns what tells who they were. */
export function deleteMemberRows(
  store: Store,
  project_id: string,
  organization_id: string,
): Promise<Pick<Member, 'member_id' | 'email_address' | 'status'>[]> {
  return tables(store.write)
    .deleteFrom('members')
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .returning(['member_id', 'email_address', 'status'])
    .execute()
}

/** How many members an organization has; the deleted ones do not count. */
export async function countMembersIn(store: Store, project_id: string, organization_id: string): Promise<number> {
  const { count } = await tables(store.read)
    .selectFrom('members')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .where('status', '<>', 'deleted')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** How many active members an environment has. */
export async function countActive(store: Store, project_id: string): Promise<number> {
  const { count } = await tables(store.read)
    .selectFrom('members')
    .select(sql<number>`count(*)`.as('count'))
    .where('project_id', '=', project_id)
    .where('status', '=', 'active')
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The members of an organization whose assigned roles may hold that one, the deleted ones too. */
export async function selectAssigned(
  store: Store,
  { project_id, organization_id }: Pick<Member, 'project_id' | 'organization_id'>,
  role_id: string,
): Promise<Member[]> {
  const rows = await tables(store.read)
    .selectFrom('members')
    .selectAll()
    .where('project_id', '=', project_id)
    .where('organization_id', '=', organization_id)
    .where(sql<boolean>`roles like ${containing(JSON.stringify(role_id))} escape '\\'`)
    .execute()
  return rows.map(toMember)
}
