/** Whether what is redeemed comes from the device it was asked for on (reference: consumer.md §0.6 `options`). */
import { fail } from '../../errors.ts'
import { canonicalAddress } from '../../net/address.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'

/** What is missing counts as false: some client libraries leave `false` out. */
export type AttributeOptions = {
  ip_match_required?: boolean | undefined
  user_agent_match_required?: boolean | undefined
}

/**
 * Compares the attributes of the sending call with those of this one, as far as the options ask for it; what is missing on
 * either side does not match. Refuses with `attribute_mismatch`.
 */
export function matchAttributes(
  sent: Attributes,
  given: Partial<Attributes> | undefined,
  options: AttributeOptions | undefined,
): void {
  const now = checkAttributes(given)
  if (options?.ip_match_required && !same(spelling(sent.ip_address), spelling(now.ip_address))) {
    fail('attribute_mismatch')
  }
  if (options?.user_agent_match_required && !same(sent.user_agent, now.user_agent)) fail('attribute_mismatch')
}

function same(sent: string, now: string): boolean {
  return sent !== '' && sent === now
}

/** One address has many spellings: `2001:DB8::1` and `2001:db8:0::1`, `::ffff:192.0.2.1` and `192.0.2.1`. */
function spelling(ip_address: string): string {
  return canonicalAddress(ip_address)?.address ?? ip_address
}
