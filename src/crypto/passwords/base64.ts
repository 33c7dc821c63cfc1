/** Base64 as hashes come in it: either alphabet, with or without padding. */

/** The bytes, or undefined for what is not base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const [, digits = ''] = /^([A-Za-z0-9+/_-]*)={0,2}$/.exec(text) ?? ['', '!']
  if (digits === '!' || digits.length % 4 === 1) return undefined
  return Buffer.from(digits, 'base64')
}

/** Standard base64 without padding, as PHC texts have it. */
export function encodeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
