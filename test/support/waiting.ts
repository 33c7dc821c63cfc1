/** Waiting for what another transaction may hold up. */

/** Until `work` is done, or has had the time to be, if nothing held it up. */
export async function oneWayOrTheOther(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const time = new Promise((resolve) => {
    timer = setTimeout(resolve, 150)
  })
  await Promise.race([work, time])
  clearTimeout(timer)
}
