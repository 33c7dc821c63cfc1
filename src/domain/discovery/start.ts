/** What a proof leads to when no organization has been chosen yet: an intermediate session (reference: b2b.md §6.1). */
import type { App } from '../app.ts'
import type { Environment } from '../configuration/environment.ts'
import { startIntermediateSession } from '../intermediate_sessions/intermediate_session.ts'
import { addProof, type Proof } from '../sessions/factors.ts'
import { type DiscoveredOrganization, listDiscovered } from './discovered.ts'

/** `expires_at` in milliseconds. */
export type Discovery = {
  email_address: string
  intermediate_session_token: string
  expires_at: number
  discovered: DiscoveredOrganization[]
}

/**
 * Starts an intermediate session of an address with what was just proven, and lists where it leads; belongs into the
 * transaction of the proof. `address_proven` says that the flow has proven the address by another way than the factor, as a
 * password does that was set through a mailed link; it holds for that address alone, as long as the intermediate session.
 */
export async function startDiscovery(
  app: App,
  environment: Environment,
  { email_address, proof, address_proven = false }: { email_address: string; proof: Proof; address_proven?: boolean },
): Promise<Discovery> {
  const { intermediate, token } = await startIntermediateSession(app, environment, {
    email_address,
    organization_id: null,
    authentication_factors: addProof([], proof, app.now()),
    details: { bound: false, address_proven },
  })
  const discovered = await listDiscovered(app, environment, intermediate)
  return { email_address, intermediate_session_token: token, expires_at: intermediate.expires_at, discovered }
}

/** The proof of an address by a mailed link or code. There is no member yet, so the address is named by itself. */
export function proofOfAddress(type: 'magic_link' | 'email_otp', email_address: string): Proof {
  return { type, delivery_method: 'email', email_factor: { email_id: email_address, email_address } }
}
