/** The published sandbox values: inputs that everybody knows, and the one user they belong to (reference: wire.md §7). */

/** Inputs that test suites of client libraries send. None of them counts unless the sandbox of the environment is on. */
export const inputs = {
  email: 'sandbox@stytch.com',
  phone_number: '+10000000000',
  code: '000000',
  recovery_code: 'a1b2-c3d4-e5f6',
  session_token: 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY',
  magic_link: {
    good: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=',
    spent: '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=',
    unknown: 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=',
  },
}

/** The ids of the sandbox user and of what belongs to it. It is stored nowhere. */
export const ids = {
  user_id: 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd',
  email_id: 'email-test-23873e89-d4ed-4e92-b3b9-e5c7198fa286',
  phone_id: 'phone-number-test-d5a3b680-e8a3-40c0-b815-ab79986666d0',
  password_id: 'password-test-8d3d2a0c-6f41-4b8e-9f0a-5a4d1c7e2b90',
  totp_id: 'totp-test-1f6c0c52-3b0e-4d0f-8a51-7c1b9c9d2e34',
  recovery_code_id: 'totp-recovery-code-test-0b8f7a3e-5c2d-4e19-9d46-3f2a1b0c9d8e',
  session_id: 'session-test-eb94233f-8800-4ebd-8645-51dc15f9d028',
}

/** When every sandbox session started; the only time in the API that has more than whole seconds. */
export const started_at = '2021-08-28T00:41:58.935673Z'
