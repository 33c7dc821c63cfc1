/** The Attributes object: what a caller says about the end user's device. */
import { z } from 'zod'
import { component, maybe } from './shape.ts'

/** As requests give it. */
export const AttributesGiven = component(
  'api_attribute_v1_Attributes',
  z.object({
    ip_address: maybe(z.string()).describe('The IP address of the end user.'),
    user_agent: maybe(z.string()).describe('The User-Agent of the end user.'),
  }),
)

/** As replies show it: always both, empty when unknown. */
export const Attributes = z.strictObject({ ip_address: z.string(), user_agent: z.string() })
