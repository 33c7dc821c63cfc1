/**
 * Completes `package-lock.json`: npm leaves out an optional package of another platform when the registry in use does not
 * have it, and `npm ci` then refuses the lockfile. `npm run lockfile` adds what is missing, without integrity, because
 * nothing was fetched. Run it after every change of the dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs'

type Package = {
  version?: string
  dev?: boolean
  optionalDependencies?: Record<string, string>
  [field: string]: unknown
}
type Lockfile = { packages: Record<string, Package> }

const path = `${import.meta.dirname}/../package-lock.json`
const systems = ['android', 'darwin', 'win32', 'freebsd', 'openharmony', 'linux']
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

/** The optional packages that some package of the lockfile names and the lockfile lacks, with their versions, and whether only development needs them. */
export function missingPackages({ packages }: Lockfile): { name: string; version: string; dev: boolean }[] {
  return Object.values(packages)
    .flatMap(({ optionalDependencies = {}, dev = false }) =>
      Object.entries(optionalDependencies).map(([name, version]) => ({ name, version, dev })),
    )
    .filter(({ name }) => packages[`node_modules/${name}`] === undefined)
}

/** What the lockfile says about such a package, by its name. */
function entryOf({ name, version, dev }: { name: string; version: string; dev: boolean }): Package {
  const os = systems.find((system) => name.includes(system))
  const cpu = processors.find((processor) => name.includes(processor))
  if (!os || !cpu || !/^\d/.test(version))
    throw new Error(`${name}@${version}: its platform cannot be told by its name.`)
  const libc = os === 'linux' ? { libc: [name.includes('musl') ? 'musl' : 'glibc'] } : {}
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] }
}

if (import.meta.main) {
  const lockfile = JSON.parse(readFileSync(path, 'utf8')) as Lockfile
  const missing = missingPackages(lockfile)
  for (const one of missing) lockfile.packages[`node_modules/${one.name}`] = entryOf(one)
  lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`)
  console.log(`Added ${missing.length} packages to package-lock.json.`)
}
