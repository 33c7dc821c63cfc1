/** The thread that estimates passwords: an estimate may take a tenth of a second, and the dictionaries 30 MB. */
import { parentPort } from 'node:worker_threads'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
  // With the default of 100, a hundred random characters take over a second.
  l33tMaxSubstitutions: 10,
})

/** What is looked at of a password at first, and at most. The time grows faster than the length, the answer hardly. */
const lengths = [24, 100]
const highest_score = 4

parentPort?.on('message', ({ password, inputs }: { password: string; inputs: string[] }) => {
  const words = inputs.map((word) => word.slice(0, 100))
  let result = zxcvbn.check('')
  for (const length of lengths) {
    result = zxcvbn.check(password.slice(0, length), words)
    // What follows a beginning that is hard to guess makes it no easier.
    if (password.length <= length || result.score === highest_score) break
  }
  const { score, feedback } = result
  parentPort?.postMessage({ score, warning: feedback.warning ?? '', suggestions: feedback.suggestions })
})
