/** Statements about one row a key, run for many keys at once: prepared once, and written for each engine as suits it. */

/** What stands for a key's column. */
export type KeyValue = string | number | null

/**
 * A statement. SQLite runs it once a key, with the key as its parameters: in one process that is cheaper than any join.
 * PostgreSQL runs it once for all keys: they are a table `k` of those columns, all of them text, which `postgres` is given to
 * put behind its `from`; each row it returns says in `key_number` to which key it belongs.
 */
export type KeyedStatement = { name: string; columns: string[]; sqlite: string; postgres: (keys: string) => string }

/** Reads `select` of the row of `from` whose columns `on` equal the key; `joins` may add to it. */
export function keyedSelect({
  name,
  select,
  from,
  on,
  joins = '',
}: {
  name: string
  select: string
  from: string
  on: string[]
  joins?: string
}): KeyedStatement {
  const names = on.map((_, index) => `k${index}`)
  return {
    name,
    columns: names,
    sqlite: `select ${select} from ${from} ${joins} where ${on.map((column) => `${column} = ?`).join(' and ')}`,
    postgres: (keys) => `select k.key_number, ${select} from ${keys} join ${from}
      on ${on.map((column, index) => `${column} = k.${names[index]}`).join(' and ')} ${joins}`,
  }
}

/** The keys as a table `k` with those columns and `key_number`, counted from 1; `$1`, `$2`, … are arrays of the columns. */
export function unnested(columns: string[]): string {
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`)
  return `unnest(${arrays.join(', ')}) with ordinality as k(${columns.join(', ')}, key_number)`
}

/** Puts the rows of PostgreSQL into the order of the keys. */
export function byKey<Row>(count: number, rows: (Row & { key_number: number })[]): (Row | undefined)[] {
  const answers = new Array<Row | undefined>(count).fill(undefined)
  for (const row of rows) answers[row.key_number - 1] = row
  return answers
}

/** The columns of keys, as PostgreSQL takes them. */
export function columnsOf(keys: KeyValue[][]): (string | null)[][] {
  const width = keys[0]?.length ?? 0
  return Array.from({ length: width }, (_, column) =>
    keys.map((key) => {
      const value = key[column]
      return value === null || value === undefined ? null : String(value)
    }),
  )
}
