/** One mechanism for batched look-ups and group commits: what many callers ask at the same moment is done once. */

/** Milliseconds after which work under way is slow, and no crowd is waited for. */
const slow = 50

/**
 * Returns a function that collects the items of one turn of the event loop and gives them to `work` together; `work`
 * answers in the same order. While `width` calls of `work` are under way, further items wait and go out together with the
 * next one, so batches grow with the load; while any is under way, the next one begins only for a `crowd` of items, since few
 * large ones cost less than many small ones, or when the last one has taken long: nobody waits behind a connection that hangs.
 * An item never joins work that began before it arrived, so its answer is at least as fresh as its question. When `work` fails, every item of that batch fails.
 */
export function batch<Item, Answer>(
  work: (items: Item[]) => Promise<Answer[]>,
  { width, most, crowd = 1 }: { width: number; most: number; crowd?: number },
): (item: Item) => Promise<Answer> {
  type Waiting = { item: Item; resolve: (answer: Answer) => void; reject: (reason: unknown) => void }
  let waiting: Waiting[] = []
  let scheduled = false
  let running = 0
  let began = 0
  let isReminded = false

  function schedule() {
    if (scheduled || running >= width || waiting.length === 0) return
    if (running > 0 && waiting.length < crowd && performance.now() - began < slow) {
      if (!isReminded) setTimeout(remind, slow).unref()
      isReminded = true
      return
    }
    scheduled = true
    setImmediate(flush)
  }

  function remind() {
    isReminded = false
    schedule()
  }

  async function flush() {
    scheduled = false
    const now = waiting.slice(0, most)
    waiting = waiting.slice(most)
    running++
    began = performance.now()
    schedule()
    try {
      const answers = await work(now.map(({ item }) => item))
      for (const [index, { resolve }] of now.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      for (const { reject } of now) reject(error)
    } finally {
      running--
      schedule()
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      schedule()
    })
}
