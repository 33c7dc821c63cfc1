/** The AuthenticationFactor object: one proof in a session (reference: consumer.md §1.3). */
import { z } from 'zod'
import { component, timestamp } from './shape.ts'

const id = (name: string) => z.strictObject({ [name]: z.string() })

const oauthProviders = {
  amazon: 'Amazon',
  apple: 'Apple',
  bitbucket: 'Bitbucket',
  coinbase: 'Coinbase',
  discord: 'Discord',
  facebook: 'Facebook',
  figma: 'Figma',
  git_lab: 'GitLab',
  github: 'Github',
  google: 'Google',
  hubspot: 'Hubspot',
  instagram: 'Instagram',
  linked_in: 'LinkedIn',
  microsoft: 'Microsoft',
  salesforce: 'Salesforce',
  shopify: 'Shopify',
  slack: 'Slack',
  snapchat: 'Snapchat',
  spotify: 'Spotify',
  steam: 'Steam',
  tik_tok: 'TikTok',
  twitch: 'Twitch',
  twitter: 'Twitter',
  yahoo: 'Yahoo',
}
const exchangeProviders = { github: 'Github', google: 'Google', hubspot: 'Hubspot', slack: 'Slack' }

const oauthFactors = Object.entries(oauthProviders).map(([key, name]) => [
  `${key}_oauth_factor`,
  component(
    `api_session_v1_${name}OAuthFactor`,
    z.strictObject({ id: z.string(), provider_subject: z.string(), email_id: z.string().optional() }),
  ).optional(),
])
const exchangeFactors = Object.entries(exchangeProviders).map(([key, name]) => [
  `${key}_oauth_exchange_factor`,
  component(`api_session_v1_${name}OAuthExchangeFactor`, id('email_id')).optional(),
])
const sso = (name: string) =>
  component(
    `api_session_v1_${name}`,
    z.strictObject({ id: z.string(), provider_id: z.string(), external_id: z.string() }),
  ).optional()

const Type = component(
  'api_session_v1_AuthenticationFactorType',
  z.enum([
    'magic_link',
    'otp',
    'oauth',
    'webauthn',
    'totp',
    'crypto',
    'password',
    'signature_challenge',
    'sso',
    'imported',
    'recovery_codes',
    'email_otp',
    'impersonated',
    'trusted_auth_token',
  ]),
)

const oauthMethods =
  'google microsoft apple github facebook amazon bitbucket coinbase discord figma gitlab instagram linkedin shopify slack snapchat spotify steam tiktok twitch twitter salesforce yahoo hubspot'
const DeliveryMethod = component(
  'api_session_v1_AuthenticationFactorDeliveryMethod',
  z.enum([
    'email',
    'sms',
    'whatsapp',
    'embedded',
    'knowledge',
    'authenticator_app',
    'recovery_code',
    'webauthn_registration',
    'biometric',
    'crypto_wallet',
    'sso_saml',
    'sso_oidc',
    'imported_auth0',
    'impersonation',
    'trusted_token_exchange',
    'oauth_access_token_exchange',
    ...Object.keys(exchangeProviders).map((provider) => `oauth_exchange_${provider}`),
    ...oauthMethods.split(' ').map((provider) => `oauth_${provider}`),
  ]),
)

export const AuthenticationFactor = component(
  'api_session_v1_AuthenticationFactor',
  z.strictObject({
    type: Type,
    delivery_method: DeliveryMethod,
    created_at: timestamp.optional().describe('When this factor was first authenticated in the session.'),
    updated_at: timestamp.optional(),
    last_authenticated_at: timestamp.optional(),
    email_factor: component(
      'api_session_v1_EmailFactor',
      z.strictObject({ email_id: z.string(), email_address: z.string() }),
    ).optional(),
    phone_number_factor: component(
      'api_session_v1_PhoneNumberFactor',
      z.strictObject({ phone_id: z.string(), phone_number: z.string() }),
    ).optional(),
    embeddable_magic_link_factor: component('api_session_v1_EmbeddableMagicLinkFactor', id('embedded_id')).optional(),
    authenticator_app_factor: component('api_session_v1_AuthenticatorAppFactor', id('totp_id')).optional(),
    recovery_code_factor: component('api_session_v1_RecoveryCodeFactor', id('totp_recovery_code_id')).optional(),
    webauthn_factor: component(
      'api_session_v1_WebAuthnFactor',
      z.strictObject({ webauthn_registration_id: z.string(), domain: z.string(), user_agent: z.string().optional() }),
    ).optional(),
    biometric_factor: component('api_session_v1_BiometricFactor', id('biometric_registration_id')).optional(),
    crypto_wallet_factor: component(
      'api_session_v1_CryptoWalletFactor',
      z.strictObject({
        crypto_wallet_id: z.string(),
        crypto_wallet_address: z.string(),
        crypto_wallet_type: z.string(),
      }),
    ).optional(),
    saml_sso_factor: sso('SAMLSSOFactor'),
    oidc_sso_factor: sso('OIDCSSOFactor'),
    impersonated_factor: component(
      'api_session_v1_ImpersonatedFactor',
      z.strictObject({ impersonator_id: z.string(), impersonator_email_address: z.string() }),
    ).optional(),
    trusted_auth_token_factor: component('api_session_v1_TrustedAuthTokenFactor', id('token_id')).optional(),
    oauth_access_token_exchange_factor: component(
      'api_session_v1_OAuthAccessTokenExchangeFactor',
      id('client_id'),
    ).optional(),
    sequence_order: z
      .enum(['PRIMARY', 'SECONDARY'])
      .optional()
      .describe('Whether the factor counts as the first or the second one; in sessions of members only.'),
    ...Object.fromEntries(oauthFactors),
    ...Object.fromEntries(exchangeFactors),
  }),
)
