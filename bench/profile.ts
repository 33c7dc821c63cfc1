/** Reads a CPU profile of Node.js: which functions took the time themselves. */
import { readFileSync } from 'node:fs'

type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

/** A function with its place, and its part of the time in which the event loop was not idle. */
export type Share = { name: string; percent: number }

/** The functions that took the most time themselves, of the whole life of the process. */
export function topFunctions(path: string, count: number): Share[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8')) as Profile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) as string
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  times.delete('(idle)')
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0)
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, count)
  return sorted.map(([name, time]) => ({ name, percent: (time / busy) * 100 }))
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = url.replace(/^.*\/node_modules\//, '').replace(/^file:\/\/.*\/(?=src\/)/, '')
  return `${functionName || '(anonymous)'}${url ? ` ${place}:${lineNumber + 1}` : ''}`
}
