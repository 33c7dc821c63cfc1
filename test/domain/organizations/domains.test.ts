/** Domains: which are refused as common, who is let in by one, and who is kept out by a claim. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  admitsByEmail,
  admitsByInvite,
  domainOf,
  readDomain,
  refuseClaimedDomain,
} from '../../../src/domain/organizations/domains.ts'
import { getOrganization } from '../../../src/domain/organizations/reference.ts'
import { Refusal } from '../../../src/errors.ts'
import { environmentOf, newOrganization } from '../../support/organizations.ts'
import { onBothEngines, world } from '../../support/world.ts'

const refusals = { invalid: 'rbac_invalid_domain', too_common: 'rbac_domain_too_common' } as const

test('a domain is common when the label left of its public suffix is a consumer provider', () => {
  const common = 'gmail.com yahoo.co.uk yahoo.co.jp uol.com.br gmx.de free.fr me.com mail.gmx.net hey.com x.yahoo.co.uk'
  for (const domain of common.split(' ')) {
    assert.throws(() => readDomain(domain, refusals), { error_type: 'rbac_domain_too_common' }, domain)
  }
  const fine = 'acme.com acme.co.uk gmail.acme.com acme.me acme.me.uk gmailx.com xgmail.com freedom.fr com.example'
  for (const domain of fine.split(' ')) assert.equal(readDomain(domain.toUpperCase(), refusals), domain)
})

test('what is no domain is refused', () => {
  for (const text of [
    '',
    'acme',
    'acme.',
    '.com',
    'a b.com',
    'ada@acme.com',
    'acme.com/x',
    'xn--',
    '1.2.3.4',
    'ä.com',
  ]) {
    assert.throws(() => readDomain(text, refusals), { error_type: 'rbac_invalid_domain' }, text)
  }
})

test('the domain of an address is what follows its last @', () => {
  assert.equal(domainOf('ada@Acme.COM'), 'acme.com')
})

onBothEngines('domains of organizations', (engine) => {
  test('only RESTRICTED settings let in by domain, the exact one', async () => {
    const here = await world(engine)
    const project = await here.project('B2B')
    const environment = await environmentOf(here, project)
    const made = async (settings: object) => {
      const { organization_id } = await newOrganization(here, project, settings)
      return getOrganization(here.app, environment, organization_id)
    }
    const email_allowed_domains = ['acme.com']
    const open = await made({
      email_allowed_domains,
      email_jit_provisioning: 'RESTRICTED',
      email_invites: 'RESTRICTED',
    })
    const closed = await made({ email_allowed_domains })
    const inviting = await made({})
    const addresses = ['ada@acme.com', 'Ada@ACME.com', 'ada@mail.acme.com', 'ada@xacme.com', 'ada@example.com']
    const letIn = [true, true, false, false, false]
    assert.deepEqual(
      addresses.map((address) => admitsByEmail(open, address)),
      letIn,
    )
    assert.deepEqual(
      addresses.map((address) => admitsByInvite(open, address)),
      letIn,
    )
    for (const address of addresses) {
      assert.equal(admitsByEmail(closed, address), false)
      assert.equal(admitsByInvite(closed, address), false)
      assert.equal(admitsByEmail(inviting, address), false)
      assert.equal(admitsByInvite(inviting, address), true)
    }
  })

  test('an address in a claimed domain belongs to the claimer alone, in this environment', async () => {
    const here = await world(engine)
    const [project, elsewhere] = [await here.project('B2B'), await here.project('B2B')]
    const claimer = await newOrganization(here, project, { claimed_email_domains: ['acme.com'] })
    const other = await newOrganization(here, project)
    const refused = async (organization: { organization_id: string } | undefined, email: string, at = project) => {
      const environment = await environmentOf(here, at)
      const error = await refuseClaimedDomain(here.app, environment, organization, email).catch((thrown) => thrown)
      if (error === undefined) return false
      assert.ok(error instanceof Refusal)
      assert.equal(error.error_type, 'action_not_allowed_email_domain_is_claimed')
      return true
    }
    assert.equal(await refused(claimer, 'ada@ACME.com'), false)
    assert.equal(await refused(other, 'ada@ACME.com'), true)
    assert.equal(await refused(undefined, 'ada@acme.com'), true)
    assert.equal(await refused(other, 'ada@mail.acme.com'), false)
    assert.equal(await refused(other, 'ada@acme.com', elsewhere), false)
  })
})
