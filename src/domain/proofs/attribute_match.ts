/** Whether what is redeemed comes from the device it was asked for on (reference: consumer.md §0.6 `options`). */
import { fail } from '../../errors.ts'
import { type Attributes, checkAttributes } from '../attributes.ts'

export type AttributeOptions = { ip_match_required: boolean; user_agent_match_required: boolean }

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
  const matches = (field: keyof Attributes) => sent[field] !== '' && sent[field] === now[field]
  if (options?.ip_match_required && !matches('ip_address')) fail('attribute_mismatch')
  if (options?.user_agent_match_required && !matches('user_agent')) fail('attribute_mismatch')
}
