/** The audit trail: what happened, to whom, in which request; written in the transaction of what it tells of. */
import { randomUUID } from 'node:crypto'
import type { JsonObject } from '../../values/json.ts'
import type { App } from '../app.ts'
import { type EventRow, insertEvent, insertEvents, purgeRows } from './table.ts'

export type EventType =
  | 'country_codes.updated'
  | 'default_email_template.set'
  | 'default_email_template.unset'
  | 'email_template.created'
  | 'email_template.deleted'
  | 'email_template.updated'
  | 'environment.updated'
  | 'member.created'
  | 'member.deleted'
  | 'member.password_removed'
  | 'member.password_reset_required'
  | 'member.password_set'
  | 'member.reactivated'
  | 'member.updated'
  | 'message.failed'
  | 'password_strength_config.updated'
  | 'organization.created'
  | 'organization.deleted'
  | 'organization.updated'
  | 'rbac_policy.updated'
  | 'redirect_url.created'
  | 'redirect_url.deleted'
  | 'redirect_url.updated'
  | 'secret.created'
  | 'secret.deleted'
  | 'session.ended'
  | 'session.factor_added'
  | 'session.started'
  | 'signing_key.rotated'
  | 'totp.created'
  | 'totp.deleted'
  | 'totp.recovery_code_used'
  | 'totp.recovery_codes_rotated'
  | 'trusted_token_profile.created'
  | 'trusted_token_profile.deleted'
  | 'trusted_token_profile.updated'
  | 'user.authentication_failed'
  | 'user.created'
  | 'user.deleted'
  | 'user.locked'
  | 'user.unlocked'
  | 'user.password_removed'
  | 'user.password_reset_required'
  | 'user.password_set'
  | 'user.updated'

/** Records an event. Details name fields and ids, never secrets, tokens or personal data beyond ids. */
export function recordEvent(
  app: App,
  project_id: string,
  type: EventType,
  subject_id: string,
  details: JsonObject = {},
): Promise<void> {
  return insertEvent(app.store, toRow(app, project_id, { type, subject_id, details }))
}

/** Records many events of one kind of work at once. */
export function recordEvents(
  app: App,
  project_id: string,
  events: { type: EventType; subject_id: string; details?: JsonObject }[],
): Promise<void> {
  return insertEvents(
    app.store,
    events.map((event) => toRow(app, project_id, event)),
  )
}

function toRow(
  app: App,
  project_id: string,
  { type, subject_id, details = {} }: { type: EventType; subject_id: string; details?: JsonObject },
): EventRow {
  return {
    project_id,
    event_id: randomUUID(),
    type,
    subject_id,
    request_id: app.request_id ?? null,
    details: JSON.stringify(details),
    created_at: app.now(),
  }
}

/** Returns what removes events created before that time: at most `limit` a call, and tells how many. */
export function purgeEvents(app: App, time: number): (limit: number) => Promise<number> {
  return purgeRows(app.store, time)
}
