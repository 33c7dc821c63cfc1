/** Codes that a sign-in sends by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suppress } from '../../../src/domain/messages/suppression.ts'
import { lastMessage } from '../../support/inbox.ts'
import { give, magicLink } from '../../support/members.ts'
import { memberScene, phone, smsRoute, updateOrganization, verifiedPhone } from '../../support/second_factor.ts'
import { onBothEngines } from '../../support/world.ts'

const required = { settings: { mfa_policy: 'REQUIRED_FOR_ALL' }, parts: verifiedPhone() }

onBothEngines('codes that are sent by themselves', (engine) => {
  test('a sign-in that waits for the second factor has one sent, which completes it', async () => {
    const { here, project, signIn, succeedAt } = await memberScene(engine, required)
    const { mfa_required, intermediate_session_token } = await signIn(undefined, { locale: 'fr' })
    assert.deepEqual(mfa_required, {
      member_options: { mfa_phone_number: 'XXXXXXX0123', totp_registration_id: '' },
      secondary_auth_initiated: 'sms_otp',
    })
    const { code, template, locale } = await lastMessage(here, phone, project)
    assert.deepEqual([template, locale], ['otp_mfa', 'fr'])
    await succeedAt(smsRoute, { code, intermediate_session_token })
  })

  test('none is sent without a language, to an unverified number, or when the app is the default', async () => {
    const { here, project, organization, member, signIn, sent } = await memberScene(engine, required)
    const initiated = async (locale?: 'en') =>
      (await signIn(undefined, locale ? { locale } : {})).mfa_required?.secondary_auth_initiated
    assert.equal(await initiated(), null)
    const { mfa_phone } = required.parts
    await give(here, project, member.member_id, { mfa_phone: { ...mfa_phone, verified: false } })
    assert.equal(await initiated('en'), null)
    await give(here, project, member.member_id, { mfa_phone, default_mfa_method: 'totp' })
    assert.equal(await initiated('en'), null)
    await give(here, project, member.member_id, { default_mfa_method: '' })
    await updateOrganization(here, project, organization, { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] })
    assert.equal(await initiated('en'), null)
    await updateOrganization(here, project, organization, {
      mfa_methods: 'ALL_ALLOWED',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['password'],
    })
    assert.equal(await initiated('en'), null)
    assert.equal((await sent()).length, 0)
  })

  test('the limit of a number never fails a sign-in, and leaves the code before', async () => {
    const { signIn, newCode, succeedAt, sent } = await memberScene(engine, required)
    for (let n = 0; n < 4; n++) await newCode()
    const code = await newCode()
    const { mfa_required, intermediate_session_token } = await signIn(undefined, { locale: 'en' })
    assert.equal(mfa_required?.secondary_auth_initiated, null)
    assert.equal((await sent()).length, 5)
    await succeedAt(smsRoute, { code, intermediate_session_token })
  })

  test('a number that has opted out never fails a sign-in, and leaves the code before', async () => {
    const { here, project, member, signIn, newCode, succeedAt } = await memberScene(engine, required)
    const code = await newCode()
    await suppress(here.app, project.id, 'sms', phone)
    const { mfa_required, intermediate_session_token } = await signIn(magicLink(member), { locale: 'en' })
    assert.equal(mfa_required?.secondary_auth_initiated, null)
    await succeedAt(smsRoute, { code, intermediate_session_token })
  })
})
