/** Fields that say how an HTTP/1.1 connection goes on, in lower case; HTTP/2 has frames for that. RFC 9113 §8.2.2. */
export const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
