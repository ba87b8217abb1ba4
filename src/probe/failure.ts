/** Why a request got no answer, in words for people. The text may hold what the server said; make it printable. */
export function failureInWords(error: Error): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // One name may stand for several addresses, each with an error of its own; the last word is as good as any.
  if (error instanceof AggregateError && error.errors.length > 0) return failureInWords(error.errors.at(-1));
  if (code === undefined) return message;
  if (code.startsWith('HPE_')) return `what came back is not HTTP (${message})`;
  return words.get(code) ?? message;
}

const words: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no such name'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['ECONNREFUSED', 'the connection was refused: nothing listens there'],
  ['ECONNRESET', 'the server ended the connection'],
  ['EPIPE', 'the server ended the connection'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['EHOSTUNREACH', 'there is no way to that address'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['EADDRNOTAVAIL', 'that address cannot be connected to'],
  ['EACCES', 'this machine does not allow the connection'],
  ['EPROTO', 'what came back is not TLS'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'what came back is not TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'what came back is not TLS'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate is signed by nobody but itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate goes back to an authority that is not trusted here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate comes without the one that signed it'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'the certificate is of an authority that is not known here'],
  ['CERT_HAS_EXPIRED', 'the certificate has expired'],
  ['CERT_NOT_YET_VALID', 'the certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for other names'],
]);
