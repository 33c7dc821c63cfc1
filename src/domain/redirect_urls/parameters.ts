/** What a redirect URL is given on the way: the token and what it is for, beside the caller's own parameters. */

/**
 * The URL with these parameters at the end of its query, in the order given; its other parameters and its fragment stay as
 * they are written. A parameter of the same name is replaced, so that nobody can put a token of theirs in front of ours. Works
 * for custom schemes too. Source: reference wire.md §9, "query parameters appended on return".
 */
export function addParameters(url: string, parameters: Record<string, string>): string {
  const [, front = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(url) ?? []
  const kept = query.split('&').filter((pair) => pair !== '' && !Object.hasOwn(parameters, nameOf(pair)))
  const added = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${front}?${[...kept, ...added].join('&')}${fragment}`
}

/** The name as the reader of the query will decode it. */
function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? ''
}
