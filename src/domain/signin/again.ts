/** Two calls that provision the same person at once: the second one finds what the first has left. */
import { type ErrorType, Refusal } from '../../errors.ts'
import { WriteConflict } from '../../store/store.ts'

const taken: ErrorType[] = ['organization_external_id_already_used']

/**
 * The address, number or external id was free when the caller looked: if it is taken now, a concurrent call was first,
 * perhaps for the same person. The transaction begins again and finds what that call has left. `only` names what the caller has
 * looked for, where that is not everything.
 */
export async function beginningAgain<T>(work: Promise<T>, only?: ErrorType): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { error_type } = error
    const isLookedFor = only === undefined || error_type === only
    const isTaken = error_type.startsWith('duplicate_') || taken.includes(error_type)
    if (isTaken && isLookedFor) throw new WriteConflict()
    throw error
  }
}
