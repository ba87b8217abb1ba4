/**
 * Tells the operator of handshakes that failed: of the first at once, then of all that failed since in one line a minute
 * at most. Every port that the world can reach is knocked at without a pause.
 */
export class HandshakeFailures {
  readonly #report: (line: string) => void;
  #counts = new Map<string, number>();
  #lastPeer = '';
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Counts one, by what OpenSSL said of it or in words of ours. */
  add(why: Error | string, peer: string | undefined): void {
    const reason = typeof why === 'string' ? why : inWords(why);
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    this.#lastPeer = peer ?? '';
    if (performance.now() - this.#toldMs >= tellEachMs) this.tell();
  }

  /** Tells of those that nobody was told of. */
  tell(): void {
    if (this.#counts.size === 0) return;
    this.#toldMs = performance.now();
    const counts = [...this.#counts].map(([reason, count]) =>
      count === 1 ? reason : `${reason} (${count} times)`,
    );
    this.#counts = new Map();
    const last = this.#lastPeer === '' ? '' : `; last with ${this.#lastPeer}`;
    this.#report(`TLS handshake failed: ${counts.join(', ')}${last}`);
  }
}

const tellEachMs = 60_000;

/** What the codes of OpenSSL mean to an operator; the rest speak for themselves. */
const meanings: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client speaks no TLS newer than 1.1',
  ERR_SSL_VERSION_TOO_LOW: 'the client speaks no TLS newer than 1.1',
  ERR_SSL_NO_SHARED_CIPHER: 'no cipher in common',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no application protocol in common',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'the client showed no certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'the client does not trust the certificate',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': 'the client does not trust the certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the client does not trust the certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client does not trust the certificate',
  ECONNRESET: 'the client left',
  EPIPE: 'the client left',
};

function inWords(error: Error & { readonly code?: string; readonly reason?: string }): string {
  return meanings[error.code ?? ''] ?? error.reason ?? error.message;
}
