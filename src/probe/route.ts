import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecured, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { failureInWords } from './failure.ts';

/** What a name stands for. */
export interface Name {
  readonly host: string;
  /** Whether it is an address itself, so that nobody was asked. */
  readonly isAddress: boolean;
  readonly addresses: readonly string[];
}

/** A TCP connection, and the addresses that were tried before. */
export interface Connection {
  readonly address: string;
  readonly port: number;
  readonly localPort: number;
  readonly triedBefore: readonly { readonly address: string; readonly why: string }[];
}

/** What was agreed on before the first octet of HTTP. */
export interface Security {
  /** `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  readonly certificate: Certificate | undefined;
  /** Why the certificate is not to be trusted, in words; undefined when it is. */
  readonly distrust: string | undefined;
}

/** A server's certificate, in the words that it has. */
interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** The names and addresses that it is for. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** A step that failed, with the reason for people. */
export interface Failed {
  readonly kind: 'failed';
  readonly why: string;
}

/** Looks a name up, as browsers do: in the hosts file first, then by the name server of the system. */
export async function lookUp(hostname: string, timeoutMs: number): Promise<Name | Failed> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return { host, isAddress: true, addresses: [host] };
  try {
    const found = await within(lookup(host, { all: true, verbatim: true }), timeoutMs);
    if (found === undefined) return failed(`no answer from the name server within ${timeoutMs / 1000} s`);
    return { host, isAddress: false, addresses: [...new Set(found.map(({ address }) => address))] };
  } catch (error) {
    return failed(failureInWords(error as Error));
  }
}

/** Connects to the first address that lets it, in their order. */
export async function connectTo(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
): Promise<{ readonly socket: Socket; readonly connection: Connection } | Failed> {
  const triedBefore: { address: string; why: string }[] = [];
  for (const address of addresses.slice(0, addressesMax)) {
    const socket = connect({ host: address, port });
    const why = await opened(socket, 'connect', timeoutMs);
    if (why === undefined) {
      return { socket, connection: { address, port, localPort: socket.localPort ?? 0, triedBefore } };
    }
    triedBefore.push({ address, why });
  }
  const reasons = triedBefore.map(({ address, why }) =>
    addresses.length === 1 ? why : `${address}: ${why}`,
  );
  return failed(reasons.join('; '));
}

/** Agrees on TLS over a connection. A certificate that is not to be trusted is told of, and is no failure here. */
export async function secure(
  socket: Socket,
  host: string,
  timeoutMs: number,
): Promise<{ readonly socket: TLSSocket; readonly security: Security } | Failed> {
  const secured = connectSecured({
    socket,
    // It is judged all the same; this way it can be shown as well.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : { host }),
  });
  const why = await opened(secured, 'secureConnect', timeoutMs);
  if (why !== undefined) return failed(why);
  const { authorizationError } = secured as { authorizationError?: Error | string | null };
  const security = {
    version: secured.getProtocol() ?? '',
    cipher: secured.getCipher().standardName,
    certificate: certificateOf(secured.getPeerCertificate(true)),
    distrust: secured.authorized ? undefined : distrustText(authorizationError),
  };
  return { socket: secured, security };
}

/** Undefined when the event came first, else why it did not; the socket is then destroyed. */
function opened(socket: Socket, event: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const end = (why: string | undefined): void => {
      clearTimeout(timer);
      if (why !== undefined) socket.destroy();
      resolve(why);
    };
    const timer = setTimeout(() => end(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    socket.once(event, () => end(undefined));
    // Stays, so that a later error is nobody's uncaught one.
    socket.on('error', error => end(failureInWords(error)));
    socket.once('close', () => end('the server ended the connection'));
  });
}

function certificateOf(certificate: DetailedPeerCertificate): Certificate | undefined {
  if (certificate.subject === undefined) return undefined;
  const { subject, issuer, subjectaltname, valid_from, valid_to } = certificate;
  return {
    subject: textOf(subject.CN) ?? textOf(subject.O) ?? '',
    issuer: [textOf(issuer.O), textOf(issuer.CN)].filter(part => part !== undefined).join(', '),
    names: (subjectaltname ?? '')
      .split(', ')
      .filter(name => name !== '')
      .map(name => name.replace(/^[A-Za-z ]+:/, '')),
    validFromMs: Date.parse(valid_from),
    validToMs: Date.parse(valid_to),
  };
}

function textOf(part: string | readonly string[] | undefined): string | undefined {
  return typeof part === 'string' || part === undefined ? part : part.join(', ');
}

function distrustText(error: Error | string | null | undefined): string {
  if (error instanceof Error) return failureInWords(error);
  return failureInWords(Object.assign(new Error(String(error)), { code: String(error) }));
}

async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(why: string): Failed {
  return { kind: 'failed', why };
}

const addressesMax = 8;
