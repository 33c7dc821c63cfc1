/** The strength of passwords: what it takes, and what it must not take. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ludsRequirements, personalWords, policyName } from '../../../src/domain/passwords/strength.ts'
import type { StrengthConfig } from '../../../src/domain/passwords/strength_config.ts'
import { zxcvbn } from '../../../src/domain/passwords/zxcvbn.ts'

const luds = (length: number, complexity: number): StrengthConfig => ({
  check_breach_on_creation: true,
  check_breach_on_authentication: true,
  validate_on_authentication: true,
  validation_policy: 'LUDS',
  luds_min_password_length: length,
  luds_min_password_complexity: complexity,
})

test('LUDS counts characters as people do, and whatever is neither letter nor digit as a symbol', () => {
  const cases: [password: string, has: string, missing: [complexity: number, characters: number]][] = [
    ['', '', [3, 8]],
    ['abcdefgh', 'l', [2, 0]],
    ['Abcdefg1', 'lud', [0, 0]],
    ['👍👍👍👍', 's', [2, 4]],
    ['ÄÖÜ äöü 1', 'ds', [1, 0]],
    ['aB3-', 'luds', [0, 4]],
  ]
  for (const [password, has, [missing_complexity, missing_characters]] of cases) {
    assert.deepEqual(ludsRequirements(luds(8, 3), password), {
      has_lower_case: has.includes('l'),
      has_upper_case: has.includes('u'),
      has_digit: has.includes('d'),
      has_symbol: has.includes('s'),
      missing_complexity,
      missing_characters,
    })
  }
})

test('a policy is another one when anything in it differs that passwords are held against', () => {
  const names = [luds(8, 3), luds(9, 3), luds(8, 4), { ...luds(8, 3), validation_policy: 'ZXCVBN' as const }].map(
    policyName,
  )
  assert.equal(new Set(names).size, 4)
  assert.equal(policyName({ ...luds(8, 3), check_breach_on_creation: false }), policyName(luds(8, 3)))
})

test('the words of a person are the parts of names and addresses, but not those of two letters', () => {
  const words = personalWords(['ada.lovelace+x@analytical-engine.example.com'], ['Augusta', 'Li'])
  for (const word of ['Augusta', 'ada', 'lovelace', 'analytical-engine', 'example', 'ada.lovelace+x']) {
    assert.ok(words.includes(word), word)
  }
  assert.ok(!words.includes('Li') && !words.includes('x') && !words.includes('com'))
})

test('the longest and oddest passwords are estimated, in turn, without holding the event loop', async () => {
  const estimate = zxcvbn()
  let turns = 0
  const ticking = setInterval(() => turns++, 1)
  const passwords = [
    '4@8({[</369&#!1|0$5+7%2'.repeat(40),
    'a'.repeat(1024),
    '👍'.repeat(200),
    '\\"\u2028',
    'x9!fwQ0zPl#Wm7',
  ]
  const scores = []
  for (const password of passwords) scores.push((await estimate(password, ['x'.repeat(5000)])).score)
  clearInterval(ticking)
  assert.ok(scores.every((score) => score >= 0 && score <= 4))
  assert.deepEqual([scores[1], scores[4]], [1, 4])
  assert.ok(turns > 5, `${turns} turns`)
})

test('there are never more than a hundred words to avoid, however long an address that nobody has checked', () => {
  assert.ok(personalWords([`${'abc.'.repeat(100_000)}@example.com`], []).every((word) => word.length <= 254))
  assert.equal(
    personalWords(
      Array.from({ length: 1000 }, (_, n) => `word${n}@example.com`),
      [],
    ).length,
    100,
  )
})
