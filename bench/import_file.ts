/**
 * Writes a file to try `selvage import` with: `node bench/import_file.ts members 100000 50 > members.jsonl` for so many members of
 * so many organizations, `node bench/import_file.ts users 100000` for users. Passwords are those of
 * `examples/import_users.jsonl`, so all of them are "correct horse battery staple", in every format that is imported.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const [kind = '', people = '', organizations = '1'] = process.argv.slice(2)
const [count, places] = [Number(people), Number(organizations)]
if (!['members', 'users'].includes(kind) || !(count > 0) || !(places > 0)) {
  console.error('node bench/import_file.ts members|users COUNT [ORGANIZATIONS]')
  process.exit(1)
}

const example = readFileSync(new URL('../examples/import_users.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const passwords = example.map((line) => JSON.parse(line).password).filter((password) => password !== undefined)

function organization(number: number) {
  return {
    type: 'organization',
    organization_name: `Organization ${number}`,
    organization_slug: `organization-${number}`,
    organization_external_id: `account_${number}`,
    trusted_metadata: { plan: 'pro' },
  }
}

function about(number: number) {
  return {
    external_id: `person_${number}`,
    trusted_metadata: { team: `team ${number % 40}`, seats: number % 7 },
    untrusted_metadata: { theme: number % 2 ? 'dark' : 'light' },
    created_at: new Date(Date.UTC(2020, 0, 1) + number * 1_000_000).toISOString(),
    password: passwords[number % passwords.length],
    ...(number % 20 === 0
      ? {
          totp: {
            secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
            recovery_codes: codes(number),
          },
        }
      : {}),
  }
}

function member(number: number) {
  return {
    type: 'member',
    organization_id: `organization-${number % places}`,
    email_address: `person${number}@example.com`,
    email_address_verified: true,
    name: `Person Number ${number}`,
    roles: number % 100 === 0 ? ['stytch_admin'] : [],
    ...(number % 10 === 0 ? { mfa_phone_number: phone(number), mfa_phone_number_verified: true } : {}),
    ...about(number),
  }
}

function user(number: number) {
  return {
    type: 'user',
    name: { first_name: 'Person', last_name: `Number ${number}` },
    emails: [{ email: `person${number}@example.com`, verified: true }],
    ...(number % 10 === 0 ? { phone_numbers: [{ phone_number: phone(number), verified: true }] } : {}),
    ...about(number),
  }
}

function codes(number: number): string[] {
  const digits = String(number).padStart(8, '0')
  return ['aaaa', 'bbbb'].map((end) => `${digits.slice(0, 4)}-${digits.slice(4, 8)}-${end}`)
}

/** A valid number, each another one for up to eight million. */
function phone(number: number): string {
  return `+1415${String(2_000_000 + number)}`
}

function* lines(): Generator<object> {
  if (kind === 'members') for (let number = 0; number < places; number++) yield organization(number)
  for (let number = 0; number < count; number++) yield kind === 'members' ? member(number) : user(number)
}

let text = ''
for (const record of lines()) {
  text += `${JSON.stringify(record)}\n`
  if (text.length < 100_000) continue
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  text = ''
}
process.stdout.write(text)
