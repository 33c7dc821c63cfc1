/** What messages say in English. */
import type { Wording } from '../wording.ts'

export const en: Wording = {
  lang: 'en',
  links: {
    login: {
      subject: (app) => `Log in to ${app}`,
      heading: (app) => `Log in to ${app}`,
      lead: () => 'Use the button below to log in. You do not need a password.',
      button: 'Log in',
      unasked: () => 'If you did not ask to log in, you can ignore this email. Nobody gets in without this link.',
    },
    signup: {
      subject: (app) => `Confirm your email address for ${app}`,
      heading: (app) => `Welcome to ${app}`,
      lead: () => 'Confirm your email address to finish creating your account.',
      button: 'Confirm and continue',
      unasked: () => 'If it was not you who signed up, you can ignore this email.',
    },
    invite: {
      subject: (app) => `You are invited to ${app}`,
      heading: (app) => `You are invited to ${app}`,
      lead: () => 'Accept the invitation to set up your account.',
      button: 'Accept invitation',
      unasked: () => 'If you were not expecting an invitation, you can ignore this email.',
    },
    reset_password: {
      subject: (app) => `Reset your ${app} password`,
      heading: () => 'Reset your password',
      lead: (app) => `Somebody asked for a new password for your ${app} account. Choose one with the button below.`,
      button: 'Choose a new password',
      unasked: () => 'If it was not you, ignore this email and your password stays as it is.',
    },
    verify_email: {
      subject: (app) => `Verify your email address for ${app}`,
      heading: () => 'Verify your email address',
      lead: (app) => `Confirm that this address is yours, so that you can use it with ${app}.`,
      button: 'Verify email address',
      unasked: (app) => `If you do not have an account with ${app}, you can ignore this email.`,
    },
    unlock: {
      subject: (app) => `Your ${app} account is locked`,
      heading: () => 'Unlock your account',
      lead: (app) =>
        `There were too many failed attempts to log in to your ${app} account, so we locked it to keep it safe.`,
      button: 'Unlock account',
      unasked: () => 'If the attempts were not yours, you can ignore this email. Your account stays protected.',
    },
  },
  codes: {
    otp_login: {
      heading: () => 'Your login code',
      lead: (app) => `Enter this code to log in to ${app}.`,
      unasked: () => 'Do not share it with anyone. If you did not ask for it, you can ignore this email.',
    },
    otp_signup: {
      heading: (app) => `Welcome to ${app}`,
      lead: () => 'Enter this code to finish creating your account.',
      unasked: () => 'Do not share it with anyone. If it was not you who signed up, you can ignore this email.',
    },
    otp_mfa: {
      heading: () => 'Confirm that it is you',
      lead: (app) => `Enter this code to finish logging in to ${app}.`,
      unasked: () =>
        'Do not share it with anyone. If you were not logging in, somebody else got past the first step: tell your administrator.',
    },
  },
  code_subject: (code, app) => `${code} is your code for ${app}`,
  link_validity: (duration) => `The link expires in ${duration} and works only once.`,
  code_validity: (duration) => `The code expires in ${duration}.`,
  fallback: 'If the button does not work, copy this address into your browser:',
  without_password: { question: 'Would you rather get in right away?', link: 'Log in without a password' },
  footer: (app) => `This is an automatic message from ${app}.`,
  short_code: (code, app, duration) => `${code} is your code for ${app}. It expires in ${duration}. Never share it.`,
}
