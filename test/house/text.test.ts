/** How files are named and begin, and that nothing in the catalogue of refusals is idle. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import { files } from './source.ts'

test('no file name hides what it is about', () => {
  const vague = /(^|_)(utils?|helpers?|managers?|services?|common|misc|shared|stuff|info|data|base)(_|\.|$)/
  const paths = [...files.keys()].flatMap((file) => file.split('/').map((part) => basename(part, '.ts')))
  assert.deepEqual(
    paths.filter((part) => vague.test(part)),
    [],
  )
})

test('files and folders are named in snake_case', () => {
  assert.deepEqual(
    [...files.keys()].filter((file) => !/^[a-z0-9_/]+\.ts$/.test(file)),
    [],
  )
})

test('every file opens with a sentence that says what it is', () => {
  const silent = [...files].filter(([, text]) => {
    const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? []
    return !/^\s*(\* )?[A-Z`/][\s\S]{8,}[.?)]\s*$/.test(comment)
  })
  assert.deepEqual(
    silent.map(([file]) => file),
    [],
  )
})

test('every exported function says what it does', () => {
  const silent = [...files].flatMap(([file, text]) =>
    [
      ...text.matchAll(
        /(\*\/)?\n(?:\/\/[^\n]*\n)*export (?:async )?(?:function\*? (\w+)|const (\w+) = (?:async )?(?:<[^>]*>)?\()/g,
      ),
    ]
      .filter(([, comment]) => comment === undefined)
      .map(([, , name, constant]) => `${file}: ${name ?? constant}`),
  )
  assert.deepEqual(silent, [])
})

test('every refusal in the catalogue is used', () => {
  const catalogue = files.get('src/errors.ts') ?? ''
  const types = [...catalogue.matchAll(/^ {2}(\w+): \[/gm)].map(([, type = '']) => type)
  assert.ok(types.length > 50)
  const rest = [...files].filter(([file]) => file !== 'src/errors.ts').map(([, text]) => text)
  const used = new Set(rest.flatMap((text) => [...text.matchAll(/'(\w+)'/g)].map(([, word]) => word)))
  assert.deepEqual(
    types.filter((type) => !used.has(type)),
    [],
  )
})
