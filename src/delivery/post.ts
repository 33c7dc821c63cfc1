/** Messages handed over by an HTTP request. */
import { type Outbound, OutboundError, type OutboundResponse } from '../net/outbound.ts'
import { DeliveryError } from './transport.ts'

/** Posts through the door and returns the answer, whatever it is. Throws a `DeliveryError` when there is none. */
export async function post(
  outbound: Outbound,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<OutboundResponse> {
  // A vendor that is slow, or says much, may have taken the message all the same: trying again would send it twice.
  const patience = { timeout_ms: 15_000, total_ms: 20_000, max_bytes: 1024 * 1024 }
  try {
    return await outbound.request(url, { ...patience, method: 'POST', headers, body })
  } catch (error) {
    if (error instanceof OutboundError) throw new DeliveryError(error.message, false)
    throw error
  }
}
