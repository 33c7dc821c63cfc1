/** What members need to hold to change members, themselves or others (reference: b2b.md §7.7.5). */
import type { ForOthers, MemberPermission } from '../rbac/acting.ts'

const forOthers = (action: string): ForOthers => ({ action, never_by_self: true })

/** What a new member may be given beyond an address needs the action that giving it later would need. */
export const createPermission: MemberPermission = {
  resource: 'stytch.member',
  action: 'create',
  fields: { roles: 'update.settings.roles', is_breakglass: 'update.settings.is-breakglass', external_id: '*' },
}

/** Each field of an update needs its own action. Trusted metadata is not for members, whatever they hold. */
export const updatePermission: MemberPermission = {
  resource: 'stytch.member',
  self: true,
  fields: {
    name: 'update.info.name',
    untrusted_metadata: 'update.info.untrusted-metadata',
    mfa_phone_number: 'update.info.mfa-phone',
    mfa_enrolled: 'update.settings.mfa-enrolled',
    default_mfa_method: 'update.settings.default-mfa-method',
    is_breakglass: forOthers('update.settings.is-breakglass'),
    roles: forOthers('update.settings.roles'),
    preserve_existing_sessions: forOthers('update.settings.roles'),
    // For the own address the verb has a refusal of its own.
    email_address: 'update.info.email',
    unlink_email: 'update.info.email',
    // No action is published for it.
    external_id: forOthers('*'),
  },
}
