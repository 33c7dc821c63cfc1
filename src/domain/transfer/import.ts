/** Imports: the records of a stream, checked and added batch by batch; what is there already is left alone (docs/import.md). */
import { fail } from '../../errors.ts'
import { migrate } from '../../store/migrate.ts'
import { openScratch } from '../../store/sqlite.ts'
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { removeLapsedContacts } from '../users/contacts.ts'
import { type Line, linesOf } from './line.ts'
import { draftMember, type MemberDraft, members, placeMembers, writeMembers } from './member.ts'
import { directoryOf, enter, judge, type Kind, type Names } from './names.ts'
import { draftOrganization, type OrganizationDraft, organizations, writeOrganizations } from './organization.ts'
import { type Findings, findingsOf, type Problem } from './problem.ts'
import { type RecordType, readRecord } from './record.ts'
import { draftUser, type UserDraft, users, writeUsers } from './user.ts'

/** How many records were added, or would be, and how many were there already. */
export type Counts = { added: number; there: number }

export type Tally = {
  /** Lines read, the empty ones too. */
  lines: number
  bytes: number
  counts: Record<RecordType, Counts>
  /** Lines that were left out for a problem. */
  refused: number
  problems: number
}

export type ImportOptions = {
  /** Finds every problem and writes nothing. */
  dry_run: boolean
  /** Called for each problem, in the order of lines. */
  onProblem(problem: Problem): void
  /** Called after each batch, once it is on disk. */
  onProgress(tally: Tally): void
}

/** A transaction has at most so many records: others who write wait for it. */
const mostRecords = 500
/** And at most so many bytes of the file. */
const mostBytes = 4 * 1024 * 1024

/** Where an import looks for people, and where it adds them. */
type Place = {
  sources(app: App): App[]
  is_rehearsal: boolean
  transaction<T>(work: (app: App) => Promise<T>): Promise<T>
}

/**
 * Imports a stream of JSON lines into an environment. Each record is added whole or not at all; whoever is there already is
 * left alone, so an import that was interrupted is run again. Lines with a problem are left out. Refuses with
 * `project_not_found`.
 */
export async function importRecords(
  app: App,
  project_id: string,
  stream: AsyncIterable<Buffer>,
  { dry_run, onProblem, onProgress }: ImportOptions,
): Promise<Tally> {
  const tally: Tally = { lines: 0, bytes: 0, counts: noCounts(), refused: 0, problems: 0 }
  const seen = new Map<string, number>()
  const rehearsal = dry_run ? await rehearse(app) : undefined
  try {
    const place = rehearsal ?? {
      sources: (app) => [app],
      is_rehearsal: false,
      transaction: (work) => app.transaction(work),
    }
    if (!dry_run) {
      app.store.expectMuch()
      await takeBackContacts(app)
    }
    for await (const lines of batchesOf(linesOf(stream))) {
      // Read anew for each batch, so that a role defined meanwhile can be assigned.
      const environment = (await app.environment(project_id)) ?? fail('project_not_found')
      const { counts, problems, named } = await importBatch(app, environment, place, lines, seen)
      for (const [id, line] of named) seen.set(id, line)
      for (const type of ['user', 'organization', 'member'] as const) {
        tally.counts[type].added += counts[type].added
        tally.counts[type].there += counts[type].there
      }
      tally.lines = lines.at(-1)?.number ?? tally.lines
      tally.bytes = lines.at(-1)?.bytes ?? tally.bytes
      tally.problems += problems.length
      tally.refused += new Set(problems.map(({ line }) => line)).size
      for (const problem of problems) onProblem(problem)
      onProgress(tally)
    }
    return tally
  } finally {
    await rehearsal?.close()
  }
}

function noCounts(): Tally['counts'] {
  const none = () => ({ added: 0, there: 0 })
  return { user: none(), organization: none(), member: none() }
}

/** A rehearsal adds to a database of its own, beside the real one, in which it only looks. */
async function rehearse(app: App): Promise<Place & { close(): Promise<void> }> {
  const store = openScratch()
  await migrate(store, app.now())
  const scratch: App = { ...app, store }
  return {
    sources: (target) => [app, target],
    is_rehearsal: true,
    transaction: (work) => scratch.transaction(work),
    close: () => store.close(),
  }
}

/** Contacts that nobody has proven in time are in nobody's way; a server does the same once a minute. */
async function takeBackContacts(app: App): Promise<void> {
  while ((await removeLapsedContacts(app, app.environment, mostRecords)) > 0);
}

/** Lines in batches; empty ones are left out. */
async function* batchesOf(lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let batch: Line[] = []
  let began = 0
  for await (const line of lines) {
    if (line.text?.trim() !== '') batch.push(line)
    if (batch.length < mostRecords && line.bytes - began < mostBytes) continue
    if (batch.length > 0) yield batch
    batch = []
    began = line.bytes
  }
  if (batch.length > 0) yield batch
}

type Drafts = { user: UserDraft[]; organization: OrganizationDraft[]; member: MemberDraft[] }
type Outcome = { counts: Tally['counts']; problems: Problem[]; named: Map<string, number> }

async function importBatch(
  app: App,
  environment: Environment,
  place: Place,
  lines: Line[],
  seen: ReadonlyMap<string, number>,
): Promise<Outcome> {
  const drafts: Drafts = { user: [], organization: [], member: [] }
  const findings = lines.map((line) => {
    const found = findingsOf(line.number)
    draft(app, environment, line, drafts, found)
    return found
  })
  const unfit = findings.flatMap(({ problems }) => problems)
  const written = await place.transaction((app) => writeDrafts(app, environment, place, drafts, seen))
  const problems = [...unfit, ...written.problems].sort((one, other) => one.line - other.line)
  return { ...written, problems }
}

/** Reads a line into the drafts; what is wrong with it by itself is in the findings. */
function draft(app: App, environment: Environment, line: Line, drafts: Drafts, findings: Findings): void {
  const record = readRecord(line, findings)
  if (!record) return
  const isConsumer = environment.vertical === 'CONSUMER'
  if (isConsumer !== (record.type === 'user')) {
    const has = isConsumer ? 'users, and no organizations or members' : 'organizations and members, and no users'
    findings.add('type', `the project has ${has}`)
  } else if (record.type === 'user') push(drafts.user, draftUser(app, environment, record, findings))
  else if (record.type === 'member') push(drafts.member, draftMember(app, environment, record, findings))
  else push(drafts.organization, draftOrganization(app, environment, record, findings))
}

function push<T>(list: T[], one: T | undefined): void {
  if (one !== undefined) list.push(one)
}

/** Adds those of the drafts who are new. May run several times, each time as if it were the first. */
async function writeDrafts(
  app: App,
  environment: Environment,
  place: Place,
  drafts: Drafts,
  seen: ReadonlyMap<string, number>,
): Promise<Outcome> {
  const outcome: Outcome = { counts: noCounts(), problems: [], named: new Map() }
  const sources = place.sources(app)
  const sort = <Draft extends { names: Names }>(type: RecordType, kind: Kind, given: Draft[]) =>
    newOnes(sources, environment, { type, kind, given, seen }, outcome)
  await writeUsers(app, environment, await sort('user', users, drafts.user), place)
  // The organizations first: members of the same batch belong to them.
  await writeOrganizations(app, environment, await sort('organization', organizations, drafts.organization), place)
  const { placed, problems } = await placeMembers(sources, environment, drafts.member)
  outcome.problems.push(...problems)
  await writeMembers(app, environment, await sort('member', members, placed), place)
  return outcome
}

/** Those of the drafts who are new; counts the others, and notes whom each of them is about. */
async function newOnes<Draft extends { names: Names }>(
  sources: App[],
  environment: Environment,
  { type, kind, given, seen }: { type: RecordType; kind: Kind; given: Draft[]; seen: ReadonlyMap<string, number> },
  { counts, problems, named }: Outcome,
): Promise<Draft[]> {
  if (given.length === 0) return []
  const names = given.map((one) => one.names)
  const directory = await directoryOf(sources, environment, kind, names, seen)
  const added: Draft[] = []
  for (const one of given) {
    const { line, new_id } = one.names
    const verdict = judge(one.names, directory, kind)
    if (verdict.is === 'refused') problems.push(...verdict.problems)
    if (verdict.is === 'known') {
      verdict.known.line = line
      named.set(verdict.known.id, line)
      counts[type].there++
    }
    if (verdict.is === 'new') {
      enter(directory, one.names)
      named.set(new_id, line)
      counts[type].added++
      added.push(one)
    }
  }
  return added
}
