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

/** The octets of an IP address, without its zone: four or sixteen; undefined for anything else. */
export function addressOctets(text: string): Buffer | undefined {
  const address = text.replace(/%.*/s, '');
  const version = ipVersion(address);
  if (version === undefined) return undefined;
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  // A URL has it without leading zeros, without dots, and with its longest run of zeros as `::`.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex');
}

/**
 * What the addresses of one client have in common: whoever has one of IPv6 has all 2⁶⁴ that begin alike. One of IPv4, also
 * where it is written as one of IPv6, and what is no address, is itself.
 */
export function networkOf(address: string): string {
  const octets = addressOctets(address);
  if (octets?.length !== 16) return address;
  const isMapped = octets.readUIntBE(0, 6) === 0 && octets.readUIntBE(6, 6) === 0xff_ff;
  return isMapped ? octets.subarray(12).join('.') : `${octets.toString('hex', 0, 8)}/64`;
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
