/** What is said about the rounds of a measurement. */

/** The middle value, or the mean of the two in the middle; undefined of none. */
export function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return undefined
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Half of the way from the lowest to the highest, as a share of the median: 0.03 reads "± 3 %". */
export function spread(values: number[]): number | undefined {
  const middle = median(values)
  return middle === undefined || middle === 0 ? undefined : (Math.max(...values) - Math.min(...values)) / 2 / middle
}

/** The ratios round by round: what slows a whole round down falls out of them. Rounds that only one of the two has are left out. */
export function ratios(values: number[], others: number[]): number[] {
  const rounds = Math.min(values.length, others.length)
  return Array.from({ length: rounds }, (_, round) => (values[round] as number) / (others[round] as number))
}

/** The median of the ratios round by round. */
export function ratio(values: number[], others: number[]): number | undefined {
  return median(ratios(values, others))
}

/** How the last third of a series compares with the middle one; the first third is for settling down. */
export function growth(values: number[]): number | undefined {
  const third = Math.floor(values.length / 3)
  const [middle, last] = [median(values.slice(third, 2 * third)), median(values.slice(2 * third))]
  return middle === undefined || last === undefined ? undefined : last / middle
}
