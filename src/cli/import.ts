/** `selvage import`: reads users, organizations and members of another system, or of another Selvage, from JSON lines. */
import { createReadStream, fstatSync, openSync } from 'node:fs'
import { Command } from 'commander'
import type { App } from '../domain/app.ts'
import type { Tally } from '../domain/transfer/import.ts'
import type { Problem } from '../domain/transfer/problem.ts'
import { fail } from '../errors.ts'
import { print, requireEnvironment, withInstallation, withJson } from './installation.ts'
import { amounts, counted, progress } from './progress.ts'

type Options = { project: string; dryRun?: boolean; json?: boolean }

/** The command. */
export function importCommand(): Command {
  return withJson(new Command('import'))
    .description(
      'Import users, or organizations and members, with password hashes, from a file of JSON lines; "-" reads standard ' +
        'input. Who is there already is left alone, so an import that was interrupted is simply run again.',
    )
    .argument('<file>')
    .requiredOption('--project <project_id>', 'the environment to import into, by its project id')
    .option('--dry-run', 'tell every problem by line, and write nothing')
    .addHelpText(
      'after',
      `
The format is described in docs/import.md; one record a line, organizations before their members:
  {"type":"organization","organization_name":"Acme","organization_slug":"acme"}
  {"type":"member","organization_id":"acme","email_address":"ada@example.com","email_address_verified":true,
   "password":{"hash_type":"bcrypt","hash":"$2b$10$…"}}
(a record is one line; it is broken here only to fit)

Example:
  selvage import members.jsonl --project project-live-… --dry-run
  selvage import members.jsonl --project project-live-…`,
    )
    .action((file: string, options: Options) => withInstallation((app) => runImport(app, file, options)))
}

async function runImport(app: App, file: string, options: Options): Promise<void> {
  const { project_id } = await requireEnvironment(app, options.project)
  const { stream, size } = openFile(file)
  // Loaded here only: the other commands need none of it.
  const { importRecords } = await import('../domain/transfer/import.ts')
  const began = performance.now()
  const told = progress(size)
  let last: Tally | undefined
  try {
    const tally = await importRecords(app, project_id, stream, {
      dry_run: options.dryRun ?? false,
      onProblem: (problem) => process.stderr.write(`${sentenceOf(problem)}\n`),
      onProgress(tally) {
        last = tally
        told(tally)
      },
    })
    const seconds = Math.round((performance.now() - began) / 100) / 10
    print(
      options,
      { dry_run: options.dryRun ?? false, ...resultOf(tally), seconds },
      summaryOf(tally, options, seconds),
    )
    if (tally.problems > 0) process.exitCode = 1
  } catch (error) {
    if (last) process.stderr.write(`Stopped after line ${counted(last.lines)}; run the import again to go on.\n`)
    throw error
  }
}

function openFile(file: string): { stream: AsyncIterable<Buffer>; size: number | undefined } {
  if (file === '-') return { stream: process.stdin, size: undefined }
  try {
    // Opened now, so that a file that cannot be read is told before anything is done.
    const fd = openSync(file, 'r')
    const stat = fstatSync(fd)
    if (stat.isDirectory()) fail('bad_request', `${file} is a directory, not a file of JSON lines.`)
    const stream = createReadStream(file, { fd, highWaterMark: 256 * 1024 })
    return { stream, size: stat.isFile() ? stat.size : undefined }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return fail('bad_request', `The file ${file} cannot be read (${code}).`)
  }
}

/** `line 12, emails[0].email: Email format is invalid.` */
function sentenceOf({ line, field, sentence }: Problem): string {
  const where = field === '' || sentence.startsWith(field) ? '' : `, ${field}`
  return `line ${line}${where}: ${sentence.replace(/\.?$/, '.')}`
}

function resultOf({ lines, counts, problems, refused }: Tally) {
  const { user, organization, member } = counts
  return { lines, users: user, organizations: organization, members: member, problems, refused }
}

function summaryOf({ counts, refused, problems }: Tally, { dryRun }: Options, seconds: number): string {
  const added = amounts({
    user: counts.user.added,
    organization: counts.organization.added,
    member: counts.member.added,
  })
  const there = amounts({
    user: counts.user.there,
    organization: counts.organization.there,
    member: counts.member.there,
  })
  const [did, were] = dryRun ? ['Would import', 'are'] : ['Imported', 'were']
  const first = added ? `${did} ${added}` : dryRun ? 'Would import nothing' : 'Nothing was imported'
  const second = there && `; ${there} ${were} there already and ${dryRun ? 'would be' : 'were'} left as they are`
  const where = `${counted(refused)} ${refused === 1 ? 'line' : 'lines'}`
  const wrong =
    problems === 0
      ? 'No problems.'
      : `${counted(problems)} ${problems === 1 ? 'problem' : 'problems'}: mend ${where} and run the import again.`
  return `${first}${second} (${seconds} s). ${wrong}${dryRun ? ' This was a dry run: nothing was written.' : ''}`
}
