/** Whom a record is about: somebody new, somebody who is there already, or somebody it cannot be. */
import { findOwners, type Identifier } from '../../store/identifiers.ts'
import { type EnvironmentType, newId, parseId } from '../../values/id.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import type { Findings, Problem } from './problem.ts'

/** An identifier that a record would hold, with the field that says so. */
export type Claim = { field: string; identifier: Identifier }

/** What a record goes by. */
export type Names = {
  line: number
  id_field: string
  /** The id it brings along, as it counts here; undefined when it brings none. */
  id: string | undefined
  /** The id it gets when it is new. */
  new_id: string
  external_id: string | null
  /** The organization, for members. */
  place?: string
  /** What it can be found by when it has no id, best first: the external id, addresses, numbers. */
  found_by: Claim[]
  /** Everything else that nobody may hold when it is new. */
  parts: Claim[]
}

/** Somebody who is there; `line` where this file has named them before. */
export type Known = { id: string; external_id: string | null; place?: string | undefined; line?: number | undefined }

/** How ids and people of one kind are read. */
export type Kind = {
  /** What one of them is called in sentences. */
  noun: string
  lookUp(app: App, environment: Environment, ids: string[]): Promise<Known[]>
}

/** Those who hold anything that one of the records names. */
export type Directory = { by_id: Map<string, Known>; by_identifier: Map<string, Known> }

export type Verdict = { is: 'new' } | { is: 'known'; known: Known } | { is: 'refused'; problems: Problem[] }

/** The id of a record in this environment: one of the other environment type keeps its uuid. Undefined without an id. */
export function idHere(
  { type }: { type: EnvironmentType },
  prefix: string,
  field: string,
  given: string | undefined,
  findings: Findings,
): string | undefined {
  if (!given) return undefined
  const parsed = parseId(given)
  if (parsed?.prefix !== prefix) {
    const word = type === 'LIVE' ? 'live' : 'test'
    return void findings.add(
      field,
      `expected an id of the form ${prefix}-${word}-<uuid>; leave it out to get a new one`,
    )
  }
  return parsed.type === type ? given : newId(prefix, type).slice(0, -36) + given.slice(-36)
}

/** Looks up, in each of the databases, everything that the records name. `seen`: the lines that have named somebody before. */
export async function directoryOf(
  sources: App[],
  environment: Environment,
  kind: Kind,
  records: Names[],
  seen: ReadonlyMap<string, number>,
): Promise<Directory> {
  const identifiers = records.flatMap(({ found_by, parts }) => [...found_by, ...parts].map((one) => one.identifier))
  const directory: Directory = { by_id: new Map(), by_identifier: new Map() }
  for (const app of sources) {
    const held = await findOwners(app.store, environment.project_id, identifiers)
    const ids = new Set([...records.flatMap(({ id }) => id ?? []), ...held.map(({ owner_id }) => owner_id)])
    for (const known of await kind.lookUp(app, environment, [...ids])) {
      directory.by_id.set(known.id, { ...known, line: seen.get(known.id) })
    }
    for (const identifier of held) {
      const { owner_id } = identifier
      const holder = directory.by_id.get(owner_id) ?? { id: owner_id, external_id: null, line: seen.get(owner_id) }
      directory.by_identifier.set(keyOf(identifier), holder)
    }
  }
  return directory
}

/** Weighs a record against those who are there. Who is named for the second time in a file is refused, too. */
export function judge(names: Names, directory: Directory, { noun }: Kind): Verdict {
  const { line, id, id_field } = names
  const refused = (field: string, sentence: string): Verdict => ({
    is: 'refused',
    problems: [{ line, field, sentence }],
  })
  const again = (field: string, known: Known): Verdict =>
    known.line === undefined ? { is: 'known', known } : refused(field, `the same ${noun} as on line ${known.line}`)

  const byId = id === undefined ? undefined : directory.by_id.get(id)
  if (byId) {
    if (byId.place === names.place) return again(id_field, byId)
    return refused(id_field, `${who(byId)} in another organization has it already`)
  }
  const [first, ...others] = names.found_by.flatMap(({ field, identifier }) => {
    const holder = directory.by_identifier.get(keyOf(identifier))
    return holder ? [{ field, holder }] : []
  })
  if (first) {
    const { field, holder } = first
    const isOther =
      id !== undefined ||
      (names.external_id !== null && holder.external_id !== null && names.external_id !== holder.external_id)
    if (isOther) return refused(field, `${who(holder)} has it already, under another id`)
    const second = field === 'external_id' ? undefined : others.find((other) => other.holder.id !== holder.id)
    if (second)
      return refused(second.field, `${who(second.holder)} has it already, and ${field} is that of ${who(holder)}`)
    return again(field, holder)
  }
  const problems = names.parts.flatMap(({ field, identifier }) => {
    const holder = directory.by_identifier.get(keyOf(identifier))
    return holder ? [{ line, field, sentence: `${who(holder)} has it already` }] : []
  })
  return problems.length > 0 ? { is: 'refused', problems } : { is: 'new' }
}

/** Notes that somebody new is about to be added, so that later records of the batch find them. */
export function enter(directory: Directory, { line, new_id: id, external_id, place, found_by, parts }: Names): void {
  const known: Known = { id, external_id, place, line }
  directory.by_id.set(id, known)
  for (const { identifier } of [...found_by, ...parts]) directory.by_identifier.set(keyOf(identifier), known)
}

/** Refuses what a record names twice itself, for example one address in two entries. */
export function refuseRepeated({ found_by, parts }: Names, findings: Findings): void {
  const names = new Set<string>()
  for (const { field, identifier } of [...found_by, ...parts]) {
    const key = keyOf(identifier)
    if (names.has(key)) findings.add(field, 'is there twice')
    names.add(key)
  }
}

/** Ids of those who are only on their way into the database say nothing to anybody, so their line is named. */
function who({ id, line }: Known): string {
  return line === undefined ? id : `line ${line}`
}

function keyOf({ scope, kind, value }: Identifier): string {
  return `${scope} ${kind} ${value}`
}
