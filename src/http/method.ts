/** Whether a text is a token: what a method or a field name must be. RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/**
 * Whether a method is one that HTTP or WebDAV defines, so that refusing it is 405 and not 501. Methods are
 * case-sensitive: `get` is not one. RFC 9110 §9.1 and §16.1, RFC 4918, 3253, 3648, 3744, 4437, 4791, 5323, 5842.
 */
export function isKnownMethod(method: string): boolean {
  return knownMethods.has(method);
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const knownMethods: ReadonlySet<string> = new Set([
  ...[
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'DELETE',
    'CONNECT',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'LINK',
    'UNLINK',
    'QUERY',
  ],
  ...['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'SEARCH', 'ACL', 'REPORT'],
  ...['VERSION-CONTROL', 'CHECKOUT', 'CHECKIN', 'UNCHECKOUT', 'MKWORKSPACE', 'UPDATE', 'LABEL', 'MERGE'],
  ...['BASELINE-CONTROL', 'MKACTIVITY', 'ORDERPATCH', 'MKCALENDAR', 'MKREDIRECTREF', 'UPDATEREDIRECTREF'],
  ...['BIND', 'REBIND', 'UNBIND'],
]);
