/** Who is asked whether a password is known from a data breach. */

/**
 * `url`: a service with the range API of Have I Been Pwned, asked for the first five digits of the SHA-1. `file`: a file
 * of lines `SHA1:COUNT` sorted by SHA-1, or a directory of files named by those five digits (with `.txt` or without) with
 * lines `REST:COUNT`; both as the downloaders of that service write them.
 */
export type BreachSource = { kind: 'off' } | { kind: 'url'; url: string } | { kind: 'file'; path: string }
