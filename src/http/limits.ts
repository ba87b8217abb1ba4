/**
 * The limits and time-outs that an owner may set, in one place: `createServer({ limits })` and `--limit name=value` do,
 * and the names carry their units. Bounds that nobody has to set are constants beside what they bound.
 */
export interface Limits {
  /** Empty lines (CRLF) skipped before a request line; more is 400. RFC 9112 §2.2. */
  readonly emptyLinesMax: number;
  /** Octets of a request line without its CRLF; more is 414. */
  readonly requestLineBytesMax: number;
  /** Octets of a field section; more is 431. Trailers have the same bound. */
  readonly fieldSectionBytesMax: number;
  /** Lines of a field section; more is 431. */
  readonly fieldLinesMax: number;
  /** Octets of request content that are read and dropped; more is 413. */
  readonly drainedContentBytesMax: number;
  /** Octets of one chunk-size line with its extensions; more is 400. RFC 9112 §7.1.1. */
  readonly chunkLineBytesMax: number;
  /** Requests of one HTTP/2 connection that are answered at once; further ones are refused and may be sent again. RFC 9113 §5.1.2. */
  readonly concurrentStreamsMax: number;
  /** Octets of a field block of HTTP/2 as it is sent; more ends the connection. What it stands for has the limits above. */
  readonly fieldBlockBytesMax: number;
  /** CONTINUATION frames of one field block; more end the connection. */
  readonly continuationsMax: number;
  /** Requests that an HTTP/2 client may take back or break at once, and a 30th of it in each second; more end the connection. */
  readonly resetsMax: number;
  /** The same for frames that bring nobody forward: pings, settings, empty frames, small windows. */
  readonly idleFramesMax: number;
  /** Octets read ahead of the answer under way before the socket is paused. */
  readonly readAheadBytesMax: number;
  /** From the first octet of a head to its last; longer is 408. */
  readonly headTimeoutMs: number;
  /** Between two requests on a connection; then it is closed. */
  readonly idleTimeoutMs: number;
  /** From a connection to the end of its TLS handshake; then it is closed. */
  readonly handshakeTimeoutMs: number;
  /** TLS handshakes under way at once; beyond it the oldest is ended. Never more than half of `connectionsMax`. */
  readonly handshakesMax: number;
  /** Without a further octet of request content; longer is 408. */
  readonly contentTimeoutMs: number;
  /** From the first octet of request content to its last, however it flows; longer is 408. */
  readonly contentTotalTimeoutMs: number;
  /** Without the reader taking an octet of an answer; then the connection is torn down. */
  readonly stalledReaderTimeoutMs: number;
  /** How long a closing connection still reads and drops what comes, so that the last answer is not lost. RFC 9112 §9.6. */
  readonly lingerTimeoutMs: number;
  /** Octets dropped in that time. */
  readonly lingerBytesMax: number;
  /** Connections held at once; further ones wait in the backlog or are closed. 0: as many as descriptors allow. */
  readonly connectionsMax: number;
  /** Files open at once. 0: a share of the descriptors that the system allows. */
  readonly openFilesMax: number;
  /** Octets of file contents, of answers and of coded contents kept in memory, each. 0: none. */
  readonly cacheBytesMax: number;
  /** Octets of a content that is still kept, from 128 KiB on once it is asked for again; larger files are read anew. */
  readonly cachedContentBytesMax: number;
  /** Octets of a file that is turned into another content coding for an answer, which takes it into memory. */
  readonly codedBytesMax: number;
  /** Octets that may come out where a stored content coding is undone; more is 406. */
  readonly decodedBytesMax: number;
  /** Octets of a file whose content is hashed where its time tells nothing; a larger one has no entity tag then. */
  readonly hashedBytesMax: number;
  /** Octets of coded contents kept in the folder of `--cache-dir`. */
  readonly cacheDirBytesMax: number;
  /** Octets, about, that contents made while they are sent may hold, all together: long listings, archives; beyond it is 503. */
  readonly streamBytesMax: number;
  /** Files and folders in one archive; of a folder that holds more there is none (403). */
  readonly archiveEntriesMax: number;
  /** How long a request waits for a file to be allowed to open; longer is 503. */
  readonly openWaitTimeoutMs: number;
  /** Connections that the system queues before they are accepted. */
  readonly backlog: number;
}

/** The limits that hold unless an option says otherwise. */
export const defaultLimits: Limits = {
  emptyLinesMax: 4,
  requestLineBytesMax: 8 * 1024,
  fieldSectionBytesMax: 16 * 1024,
  fieldLinesMax: 100,
  drainedContentBytesMax: 64 * 1024,
  chunkLineBytesMax: 1024,
  concurrentStreamsMax: 100,
  fieldBlockBytesMax: 64 * 1024,
  continuationsMax: 16,
  resetsMax: 300,
  idleFramesMax: 1000,
  readAheadBytesMax: 64 * 1024,
  headTimeoutMs: 10_000,
  idleTimeoutMs: 65_000,
  handshakeTimeoutMs: 10_000,
  handshakesMax: 1024,
  contentTimeoutMs: 10_000,
  contentTotalTimeoutMs: 60_000,
  stalledReaderTimeoutMs: 60_000,
  lingerTimeoutMs: 2_000,
  lingerBytesMax: 256 * 1024,
  connectionsMax: 0,
  openFilesMax: 0,
  cacheBytesMax: 64 * 1024 * 1024,
  cachedContentBytesMax: 1024 * 1024,
  codedBytesMax: 8 * 1024 * 1024,
  decodedBytesMax: 32 * 1024 * 1024,
  hashedBytesMax: 1024 * 1024 * 1024,
  cacheDirBytesMax: 1024 * 1024 * 1024,
  streamBytesMax: 256 * 1024 * 1024,
  archiveEntriesMax: 100_000,
  openWaitTimeoutMs: 1_000,
  backlog: 511,
};
