/** What is wrong with a line of an import. */
import { Refusal } from '../../errors.ts'

/** `field` is empty where the line as a whole is meant. The sentence never repeats a credential. */
export type Problem = { line: number; field: string; sentence: string }

/** Collects everything that is wrong with one line. */
export type Findings = {
  readonly line: number
  readonly problems: Problem[]
  add(field: string, sentence: string): void
  /** What `read` returns; undefined, and a problem of that field, when it refuses. */
  check<T>(field: string, read: () => T): T | undefined
}

/** Begins to look at a line. */
export function findingsOf(line: number): Findings {
  const problems: Problem[] = []
  const add = (field: string, sentence: string) => void problems.push({ line, field, sentence })
  return {
    line,
    problems,
    add,
    check(field, read) {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        add(field, error.message)
        return undefined
      }
    },
  }
}
