/** `node bench/profile.ts FILE [COUNT]`: the functions of a CPU profile that took the most time themselves. */
import { readFileSync } from 'node:fs'

type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

const [file, count = '25'] = process.argv.slice(2)
if (!file) {
  process.stderr.write('Usage: node bench/profile.ts FILE [COUNT]\n')
  process.exit(1)
}
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile
const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
const times = new Map<string, number>()
for (const [index, id] of samples.entries()) {
  const name = names.get(id) as string
  times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0))
}
times.delete('(idle)')
const busy = [...times.values()].reduce((sum, time) => sum + time, 0)
for (const [name, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, Number(count))) {
  console.log(`${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const place = url.replace(/^.*\/node_modules\//, '').replace(new RegExp(`^.*${import.meta.dirname}/../`), '')
  return `${functionName || '(anonymous)'}${url ? `  ${place.replace(/^file:\/\/.*?\/src\//, 'src/')}:${lineNumber + 1}` : ''}`
}
