import { constants, createHash, randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext, type TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { Certificate } from './certificates.ts';
import { ticketKeysBytes, ticketLifeMs } from './ticket-life.ts';

/** What connections are secured with. */
export interface TlsMeans {
  /** At least one. The first is shown to whoever names no host, or none that another one is for. */
  readonly certificates: readonly Certificate[];
  /** Certificates of authorities in PEM: who has none that one of them has signed is turned away. */
  readonly clientAuthorities: string | undefined;
}

/** How connections are secured: certificates by the host that is asked for, protocols, tickets. */
export class Tls {
  #means: TlsMeans;
  /** Each behind its length. */
  readonly #protocols: Uint8Array;
  #ticketKeys: Buffer = randomBytes(ticketKeysBytes);
  #options: TLSSocketOptions;
  #names: readonly string[];
  readonly #rotation: NodeJS.Timeout;

  /** `protocols`: what is spoken here, the first preferred (ALPN, RFC 7301). */
  constructor(means: TlsMeans, protocols: readonly string[]) {
    this.#means = means;
    this.#protocols = Buffer.concat(
      protocols.map(name => Buffer.from(`${String.fromCharCode(name.length)}${name}`, 'latin1')),
    );
    this.#names = namesIn(means);
    this.#options = this.#made();
    this.#rotation = setInterval(() => this.#useKeys(randomBytes(ticketKeysBytes)), ticketLifeMs).unref();
  }

  /** For the next connection; those that are secured go on with what they have. */
  get socketOptions(): TLSSocketOptions {
    return this.#options;
  }

  /** The hosts that the certificates are for. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Uses other certificates from the next connection on. */
  renew(means: TlsMeans): void {
    this.#means = means;
    this.#names = namesIn(means);
    this.#options = this.#made();
  }

  /**
   * Uses these keys (48 octets) for session tickets (RFC 5077, RFC 8446 §4.6.1) from the next connection on, which some
   * other process has as well. From then on it is the caller who changes them.
   */
  shareTicketKeys(keys: Uint8Array): void {
    clearInterval(this.#rotation);
    this.#useKeys(keys);
  }

  /** Ends what goes on by itself. */
  rest(): void {
    clearInterval(this.#rotation);
  }

  /** Why a connection that is secured is not let in, all the same. */
  refusalOf(socket: TLSSocket): Error | undefined {
    if (this.#options.requestCert !== true) return undefined;
    const { ssl } = socket as unknown as { readonly ssl: Verified | null };
    // Node's handshake accepts whatever certificate a client shows, and leaves the verdict to its server.
    const verdict =
      ssl?.verifyError === undefined ? new Error('its certificate cannot be checked') : ssl.verifyError();
    if (verdict)
      return Object.assign(verdict, {
        code: 'client certificate',
        reason: `the certificate of the client: ${verdict.message}`,
      });
    return socket.getPeerX509Certificate() === undefined
      ? new Error('the client showed no certificate')
      : undefined;
  }

  #useKeys(keys: Uint8Array): void {
    this.#ticketKeys = Buffer.from(keys);
    this.#options = this.#made();
  }

  #made(): TLSSocketOptions {
    const { certificates, clientAuthorities } = this.#means;
    const contexts = certificates.map(({ credentials }) =>
      createSecureContext({
        ...shared,
        ...credentials,
        // Without a list of its own a context has Node's of the whole world's authorities, to no use here.
        ca: clientAuthorities ?? [],
        // A session is resumed only where its client would be let in today.
        sessionIdContext: createHash('sha256')
          .update(clientAuthorities ?? '')
          .digest('hex')
          .slice(0, 32),
        ticketKeys: this.#ticketKeys,
      }),
    );
    const byName = new Map<string, SecureContext>();
    certificates.forEach(({ names }, index) => {
      const context = contexts[index];
      for (const name of names) if (context !== undefined && !byName.has(name)) byName.set(name, context);
    });
    const choose = (name: string): SecureContext | undefined => {
      const host = name.toLowerCase();
      return byName.get(host) ?? byName.get(host.replace(/^[^.]+/, '*')) ?? contexts[0];
    };
    return {
      isServer: true,
      ...(contexts[0] !== undefined && { secureContext: contexts[0] }),
      ALPNProtocols: this.#protocols,
      ...(contexts.length > 1 && { SNICallback: (name, done) => done(null, choose(name)) }),
      requestCert: clientAuthorities !== undefined,
      rejectUnauthorized: clientAuthorities !== undefined,
    };
  }
}

function namesIn({ certificates }: TlsMeans): readonly string[] {
  return certificates.flatMap(({ names }) => names);
}

/** What is asked of a handle; not public. */
interface Verified {
  readonly verifyError?: () => Error | null;
}

/**
 * Forward secrecy and authenticated encryption throughout, as Mozilla's intermediate configuration has it, without the
 * finite-field exchange that costs most and is hardly used.
 */
const shared = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: curves(),
  honorCipherOrder: true,
  // A client without hardware for AES names ChaCha20 first, and has it. A new handshake within a connection is only
  // ever wanted by those who attack with it.
  secureOptions: constants.SSL_OP_PRIORITIZE_CHACHA | constants.SSL_OP_NO_RENEGOTIATION,
  sessionTimeout: ticketLifeMs / 1000,
} as const;

/** The hybrid exchange that quantum computers do not break came with OpenSSL 3.5; older ones refuse its name. */
function curves(): string {
  const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
  const known = 'X25519:P-256:P-384';
  return major > 3 || (major === 3 && minor >= 5) ? `X25519MLKEM768:${known}` : known;
}
