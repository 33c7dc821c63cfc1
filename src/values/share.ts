/** The one rule by which whatever is scarce is shared: nobody holds more of it than is still free for everybody else. */

/**
 * Whether somebody who holds so many of the `places` may have another while `taken` of them are held by all together. Who is alone
 * gets half of them, each of two gets a third, each of n a part of n + 1, and as much always stays free: so whoever holds
 * nothing finds a place at once, however greedy the others are, and nobody has to know how many they are.
 */
export function mayTake(held: number, taken: number, places: number): boolean {
  return held < places - taken
}
