/** A host and the port that goes with it. RFC 3986 §3.2. */
export interface Authority {
  /** In lower case; an IP literal with its brackets; empty when the text names none. */
  readonly host: string;
  /** Undefined when the text names none, or an empty one. */
  readonly port: number | undefined;
}

/**
 * Reads `host [":" port]`: the value of a Host field, the authority of an absolute-form target, or a CONNECT
 * target. Undefined when it is anything else: user information, a slash, a backslash, white space, a list, an
 * IPv6 address that is none, a port over 65535. RFC 9110 §7.2, RFC 3986 §3.2.2.
 *
 * The empty text gives an empty host: a Host field may have no value (RFC 9112 §3.2). A caller for whom a host
 * must be named (an `http` target, RFC 9110 §4.2.1) refuses `host === ''` itself.
 */
export function parseAuthority(text: string): Authority | undefined {
  const groups = hostAndPort.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { host = '', port = '' } = groups;
  if (!(host.startsWith('[') ? isIpLiteral(host.slice(1, -1)) : regName.test(host))) return undefined;
  const portNumber = Number(port);
  if (portNumber > portMax) return undefined;
  return { host: host.toLowerCase(), port: port === '' ? undefined : portNumber };
}

const portMax = 65_535;
const hostAndPort = /^(?<host>\[[^[\]]*\]|[^:[\]]*)(?::(?<port>\d*))?$/;

// RFC 3986 also allows a comma in a reg-name. It is refused: no host has one, and two Host lines that something
// on the way has joined into one would look so.
const regName = /^(?:[\w\-.~!$&'()*+;=]|%[\dA-Fa-f]{2})*$/;

const ipFuture = /^v[\dA-Fa-f]+\.[\w\-.~!$&'()*+,;=:]+$/i;
const ipv6Piece = /^[\dA-Fa-f]{1,4}$/;
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isIpLiteral(text: string): boolean {
  return isIpv6(text) || ipFuture.test(text);
}

/** Which kind of IP address a text is, without brackets, prefix or zone; undefined when it is none. */
export function ipVersion(text: string): 4 | 6 | undefined {
  if (ipv4.test(text)) return 4;
  return isIpv6(text) ? 6 : undefined;
}

/** Eight pieces of 16 bits, the last two perhaps as an IPv4 address, one run of zeros perhaps as `::`. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const [head = '', tail = ''] = halves;
  switch (halves.length) {
    case 1:
      return piecesOf(head, true) === 8;
    case 2:
      // `::` stands for at least one piece of zeros.
      return piecesOf(head, false) + piecesOf(tail, true) <= 7;
    default:
      return false;
  }
}

/** How many 16-bit pieces a part of an IPv6 address has; infinitely many when it is malformed. */
function piecesOf(part: string, mayEndInIpv4: boolean): number {
  if (part === '') return 0;
  const pieces = part.split(':');
  const hasIpv4 = mayEndInIpv4 && ipv4.test(pieces.at(-1) ?? '');
  const hexadecimal = hasIpv4 ? pieces.slice(0, -1) : pieces;
  if (!hexadecimal.every(piece => ipv6Piece.test(piece))) return Number.POSITIVE_INFINITY;
  return pieces.length + (hasIpv4 ? 1 : 0);
}
