/** The database behind everything: one set of queries, two engines. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { KeyedStatement, KeyValue } from './keyed.ts'

// Each room types its own tables (`table.ts`), so the handle is untyped here and nowhere else.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Handle = Kysely<any>

export type Store = {
  engine: 'sqlite' | 'postgres'
  /** For reads. Inside a transaction, the transaction. */
  read: Handle
  /** For writes, and for reads that a write depends on. Inside a transaction, the transaction. */
  write: Handle
  /** Runs `work` in one transaction that commits when it returns. Nested calls join the outer transaction. */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  /**
   * The row of each key, in the order of the keys, as it is committed at this moment; undefined where there is none. For
   * what is asked all the time; not part of any transaction.
   */
  find<Row>(statement: KeyedStatement, keys: KeyValue[][]): Promise<(Row | undefined)[]>
  /**
   * Writes the row of each key in one commit of its own, and returns what the statement returns. Everybody sees it at once.
   * With `relaxed` it is not waited for until it is on the disk: a machine that loses power may have forgotten the last
   * moments of it.
   */
  change<Row>(
    statement: KeyedStatement,
    keys: KeyValue[][],
    options: { relaxed: boolean },
  ): Promise<(Row | undefined)[]>
  /**
   * The same number for as long as nothing was committed, by whatever process, that a read could find otherwise than before;
   * relaxed changes do not count. Undefined where asking that would cost as much as the read.
   */
  moment(): number | undefined
  /** Runs reads off the event loop. A statement that takes longer than that is given up on: then `StatementTimeout` is thrown. */
  bounded<T>(milliseconds: number, work: (store: Store) => Promise<T>): Promise<T>
  /** Runs reads that all see the database as it was at one moment, whatever is written meanwhile. */
  snapshot<T>(work: (store: Store) => Promise<T>): Promise<T>
  /** Tells the engine that this process is about to write much, so that it may take memory for that. */
  expectMuch(): void
  /** Throws when the database does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

/** The store as the work of a transaction sees it: everything it does is part of that transaction. */
export function insideTransaction(engine: Store['engine'], transaction: Handle): Store {
  const outside = () => Promise.reject(new Error('This is never part of a transaction.'))
  const store: Store = {
    engine,
    read: transaction,
    write: transaction,
    find: outside,
    change: outside,
    moment: () => undefined,
    transaction: (work) => work(store),
    bounded: (_, work) => work(store),
    snapshot: (work) => work(store),
    expectMuch: () => {},
    check: async () => {},
    close: async () => {},
  }
  return store
}

/** A sentence for the operator about why the server cannot start; the command exits with status 1. */
export class StartupError extends Error {
  constructor(sentence: string) {
    super(sentence)
    this.name = 'StartupError'
  }
}

/** The engine gave up on a statement that took too long. */
export class StatementTimeout extends Error {
  constructor() {
    super('A statement took longer than it may.')
    this.name = 'StatementTimeout'
  }
}

/** Thrown by a conditional write that lost against a concurrent one; `transaction` runs the work again. */
export class WriteConflict extends Error {
  constructor() {
    super('A concurrent write changed the row first.')
    this.name = 'WriteConflict'
  }
}

const attempts = 20

/** Runs `once` again while it loses against concurrent transactions: our own version checks, or the engine's. */
export async function retryConflicts<T>(once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once()
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error
      // Spreads the contenders out; a few milliseconds are enough for the winner to commit.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(4 * attempt, 40)))
    }
  }
}

function isConflict(error: unknown): boolean {
  if (error instanceof WriteConflict) return true
  const code = (error as { code?: unknown } | null)?.code
  return code === '40001' || code === '40P01' // PostgreSQL: serialization_failure, deadlock_detected
}

/**
 * A table expression `as(columns)` that lists the rows, for joining many keys at once. All columns are text. The statement
 * is the same for any number of rows, so both engines can keep it prepared.
 */
export function keyTable(store: Store, alias: string, columns: string[], rows: string[][]): RawBuilder<unknown> {
  if (store.engine === 'postgres') {
    const arrays = columns.map((_, index) => sql`${rows.map((row) => row[index] as string)}::text[]`)
    return sql`unnest(${sql.join(arrays)}) as ${sql.raw(alias)}(${sql.raw(columns.join(', '))})`
  }
  const fields = columns.map((column, index) => sql.raw(`value ->> ${index} as ${column}`))
  return sql`(select ${sql.join(fields)} from json_each(${JSON.stringify(rows)})) as ${sql.raw(alias)}`
}

/** `column in (values)` as one parameter, for any number of text values. */
export function oneOf(store: Store, column: string, values: string[]): RawBuilder<boolean> {
  return store.engine === 'postgres'
    ? sql<boolean>`${sql.raw(column)} = any(${values}::text[])`
    : sql<boolean>`${sql.raw(column)} in (select value from json_each(${JSON.stringify(values)}))`
}

/**
 * Adds rows with one statement and one parameter, however many they are; all have the columns of the first. Returns how many
 * were added: a row whose key is taken is left out.
 */
export async function insertRows(store: Store, table: string, rows: object[]): Promise<number> {
  const [first] = rows
  if (!first) return 0
  const columns = Object.keys(first)
  const document = wellFormedJson(rows)
  const values =
    store.engine === 'postgres'
      ? sql`${sql.raw(columns.join(', '))} from json_populate_recordset(null::${sql.raw(table)}, ${document}::json)`
      : sql`${sql.raw(columns.map((column) => `value ->> '${column}'`).join(', '))} from json_each(${document})`
  // Without a condition, SQLite would take "on conflict" for the one of a join.
  const { numAffectedRows } = await sql`insert into ${sql.raw(table)} (${sql.raw(columns.join(', '))})
    select ${values} where true on conflict do nothing`.execute(store.write)
  return Number(numAffectedRows ?? 0n)
}

/** JSON in which half of a surrogate pair, which PostgreSQL refuses, is U+FFFD, as drivers write it in single values. */
function wellFormedJson(rows: object[]): string {
  const text = JSON.stringify(rows)
  if (!text.includes('\\ud')) return text
  return JSON.stringify(rows, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))
}

/** A LIKE pattern (escape `\`) for texts that contain `text`. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** The SQL of the domain of an email address that stands in `column`. */
export function domainIn({ engine }: Pick<Store, 'engine'>, column: string): string {
  return engine === 'postgres' ? `split_part(${column}, '@', 2)` : `substr(${column}, instr(${column}, '@') + 1)`
}
