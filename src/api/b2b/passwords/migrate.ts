/** POST /v1/b2b/passwords/migrate: takes a member over with the hash of the password from another system. */
import { z } from 'zod'
import { migrateMemberPassword } from '../../../domain/signin/member_password_migration.ts'
import { organizationId } from '../../../wire/member_sign_in.ts'
import { importedHash } from '../../../wire/password.ts'
import { jsonObject, maybe } from '../../../wire/shape.ts'
import { operation } from '../../operation.ts'
import { memberReply, memberReplyShape } from '../member_reply.ts'

export const migrate = operation({
  route: 'POST /v1/b2b/passwords/migrate',
  name: 'api_b2b_password_v1_Migrate',
  sdk: 'passwords.migrate',
  summary:
    'Gives a member, new or known, a password by the hash that another system has of it; the address counts as verified.',
  caller: 'project',
  vertical: 'b2b',
  body: {
    organization_id: organizationId,
    email_address: z.string(),
    ...importedHash,
    name: maybe(z.string()),
    trusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    untrusted_metadata: maybe(jsonObject, 'metadata_invalid_format'),
    roles: maybe(z.array(z.string())).describe('Roles to assign directly, in place of those assigned before.'),
    preserve_existing_sessions: maybe(z.boolean()).describe('Has no effect as long as there are no roles by SSO.'),
    mfa_phone_number: maybe(z.string()),
    set_phone_number_verified: maybe(z.boolean()).describe('True only when you know that the number is the person’s.'),
    external_id: maybe(z.string()).describe('Given to a new member; a known one keeps theirs.'),
  },
  reply: { ...memberReplyShape, member_created: z.boolean().describe('Whether the member is new.') },
  async run(app, { environment, body }) {
    const { organization, member, member_created } = await migrateMemberPassword(app, environment, body)
    return { ...memberReply(app, environment, organization, member), member_created }
  },
})
