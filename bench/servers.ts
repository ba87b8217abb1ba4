/**
 * The servers that are compared: how each is found, which version it is, and how it is started as a fair rival:
 * one worker, no access log unless a row is about it, keep-alive without an end, nothing compressed on the fly.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleInto } from '../test/bundled.ts';
import { type Command, makeFolder } from './processes.ts';

const benchFolder = dirname(fileURLToPath(import.meta.url));
const projectFolder = dirname(benchFolder);

/** Descriptors that a server needs beside those of connections and files. */
const otherDescriptors = 64;

/** Git-ignored: the compiled floor, and the peers that `--install` brings. */
export const buildFolder: string = join(benchFolder, 'build');

/** The program of Node.js as an npm package. */
const nodePackage = `node-${process.platform}-${process.arch}`;

/** What comes as npm packages. They are no dependencies of the project: `--install` or `--peers` brings them. */
const peerPackages: readonly string[] = ['sirv-cli', 'serve', 'http-server', nodePackage];

/** What a server is started on. */
export interface Bed {
  readonly root: string;
  readonly port: number;
  /** An empty folder for its configuration and its own temporary files. */
  readonly folder: string;
  /** A file with the whole answer, for the floor. */
  readonly floorAnswer: string;
  /** Connections that have to fit. Servers that take as many as they get need not look. */
  readonly connectionsMax: number;
  /** Processes that answer; only `spreaders` can be told to have more than one. */
  readonly workers: number;
  /** Octets of the largest file that ours keeps in memory, where that is not to be its own choice. */
  readonly keptBytesMax?: number;
  /** Whether files that stand coded beside a name are sent; ours always sends them. */
  readonly storedCodings: boolean;
  /** Files that are asked for, where there are very many. */
  readonly files: number;
  /** Files of a certificate and its key, where connections are to be secured; Node's own and the peers are not told to. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether every request is logged to `logPath`; only `loggers` can be told to. */
  readonly log: 'off' | 'combined';
}

/** The servers that are set up to keep an access log. */
export const loggers: readonly string[] = ['plinth', 'nginx'];

/** The servers that are set up to answer from several processes. */
export const spreaders: readonly string[] = ['plinth', 'newer-node', 'nginx'];

/** The servers that hold a descriptor of each file that was asked for in the last seconds. */
export const fileHolders: readonly string[] = ['lighttpd'];

/** Descriptors that such a server needs: a connection may wait for a file of its own. */
export function descriptorsNeeded({ connectionsMax, files }: Pick<Bed, 'connectionsMax' | 'files'>): number {
  return 2 * connectionsMax + files + otherDescriptors;
}

/** Where a server logs that was told to. */
export function logPath(bed: Bed): string {
  return join(bed.folder, 'access.log');
}

/** A server that can take part, or why it cannot. */
export type Found =
  | {
      readonly kind: 'ready';
      readonly version: string;
      readonly command: (bed: Bed) => Command;
    }
  | { readonly kind: 'left-out'; readonly why: string };

/** One line of the comparison. */
export interface Server {
  /** What `--servers` takes and the tables print. */
  readonly name: string;
  /** Looks for it; `peers` is the folder with the node_modules of the npm packages. */
  readonly find: (peers: string) => Found;
}

/** Every server, ours first, in the order of the tables. */
export const servers: readonly Server[] = [
  { name: 'plinth', find: () => findPlinth({ file: process.execPath, version: process.version }) },
  { name: 'newer-node', find: findPlinthOnNewerNode },
  { name: 'floor', find: findFloor },
  { name: 'nginx', find: () => nginx('on') },
  // Without sendfile it reads a file and sends it with its head in one call: cheaper where files are small.
  { name: 'nginx-read', find: () => nginx('off') },
  {
    name: 'lighttpd',
    find: () =>
      native('lighttpd', ['-v'], /lighttpd\/(\S+)/, bed => ({
        file: 'lighttpd',
        args: ['-D', '-f', configuration('lighttpd.conf', bed, [['TLS', lighttpdTls(bed)]])],
      })),
  },
  {
    name: 'h2o',
    find: () =>
      native('h2o', ['-v'], /h2o version (\S+)/, bed => ({
        file: 'h2o',
        args: ['-c', configuration('h2o.conf', bed, [['TLS', h2oTls(bed)]])],
      })),
  },
  { name: 'node:http', find: findNodeHttp },
  {
    name: 'sirv-cli',
    find: peers =>
      peer(peers, 'sirv-cli', ({ root, port }) => [
        ...[root, '--port', String(port), '--host', '127.0.0.1', '--etag', '--quiet'],
      ]),
  },
  {
    name: 'serve',
    find: peers =>
      peer(peers, 'serve', ({ root, port }) => [
        ...[root, '-l', `tcp://127.0.0.1:${port}`, '--no-request-logging', '--no-clipboard'],
        ...['--no-compression', '--no-port-switching'],
      ]),
  },
  {
    name: 'http-server',
    find: peers =>
      peer(peers, 'http-server', ({ root, port }) => [
        ...[root, '-p', String(port), '-a', '127.0.0.1', '--silent'],
      ]),
  },
];

/** Puts the npm packages into the build folder with npm itself. Returns why it failed, or undefined. */
export function installPeers(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true });
  // A manifest of its own keeps npm from walking up to the project's.
  if (!existsSync(join(folder, 'package.json')))
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', ...peerPackages];
  const { status, stderr, error } = spawnSync('npm', args, { encoding: 'utf8', cwd: folder });
  return status === 0 ? undefined : `npm install failed: ${error?.message ?? stderr.trim().slice(-500)}`;
}

/** A program of Node.js. */
interface Node {
  readonly file: string;
  readonly version: string;
}

/** Our command, bundled from the sources as they are at its first use: what lies in dist/ may be of another commit. */
let plinthCli: string | undefined;

function findPlinth(node: Node): Found {
  plinthCli ??= bundleInto(makeFolder());
  const cli = plinthCli;
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const commit = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  const suffix = commit.status === 0 ? ` (${commit.stdout.trim()})` : '';
  const args = (bed: Bed): readonly string[] => [
    ...[cli, bed.root, String(bed.port), '--log', bed.log],
    // By itself it takes half of the descriptors for connections and half for files.
    ...['--limit', `connectionsMax=${bed.connectionsMax}`],
    ...(bed.keptBytesMax === undefined ? [] : ['--limit', `cachedContentBytesMax=${bed.keptBytesMax}`]),
    ...(bed.workers === 1 ? [] : ['--workers', String(bed.workers)]),
    ...(bed.tls === undefined ? [] : ['--tls-cert', bed.tls.cert, '--tls-key', bed.tls.key]),
  ];
  const outputPath = (bed: Bed): string | undefined => (bed.log === 'off' ? undefined : logPath(bed));
  return onNode(`${version}${suffix}, Node ${node.version}`, args, outputPath, node.file);
}

/** Our server on a Node that is newer than the one that runs the bench: it may take connections in another way. */
function findPlinthOnNewerNode(peers: string): Found {
  const file = join(peers, 'node_modules', nodePackage, 'bin', 'node');
  if (!existsSync(file)) return { kind: 'left-out', why: `no Node.js in ${peers}: --install` };
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const version = stdout?.trim() ?? '';
  if (status !== 0 || version === process.version)
    return { kind: 'left-out', why: `${file} is no other Node.js than the one that runs the bench` };
  return findPlinth({ file, version });
}

function findNodeHttp(): Found {
  const file = fileURLToPath(new URL('./node-http.mjs', import.meta.url));
  return onNode(process.version, bed => [file, bed.root, String(bed.port)]);
}

function findFloor(): Found {
  const source = join(benchFolder, 'floor.c');
  const program = join(buildFolder, 'floor');
  if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(buildFolder, { recursive: true });
    const compiler = process.env.CC ?? 'cc';
    const { status, stderr, error } = spawnSync(compiler, ['-O2', '-Wall', '-o', program, source], {
      encoding: 'utf8',
    });
    if (status !== 0)
      return { kind: 'left-out', why: `${compiler}: ${error?.message ?? stderr.trim().slice(-500)}` };
  }
  const command = (bed: Bed): Command => ({ file: program, args: [String(bed.port), bed.floorAnswer] });
  return { kind: 'ready', version: 'bench/floor.c', command };
}

function nginx(sendfile: 'on' | 'off'): Found {
  return native('nginx', ['-v'], /nginx\/(\S+)/, bed => {
    const path = configuration('nginx.conf', bed, [['SENDFILE', sendfile]]);
    return { file: 'nginx', args: ['-e', 'stderr', '-p', bed.folder, '-c', path, '-g', 'daemon off;'] };
  });
}

function native(
  file: string,
  versionArgs: readonly string[],
  pattern: RegExp,
  command: (bed: Bed) => Command,
): Found {
  const { error, stdout, stderr } = spawnSync(file, [...versionArgs], { encoding: 'utf8' });
  if (error !== undefined) return { kind: 'left-out', why: 'not installed' };
  const version = pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'version unknown';
  return { kind: 'ready', version, command };
}

function peer(peers: string, name: string, args: (bed: Bed) => readonly string[]): Found {
  const folder = join(peers, 'node_modules', name);
  if (!existsSync(folder))
    return { kind: 'left-out', why: `not in ${peers}: --install, or --peers <folder>` };
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
    bin: Record<string, string>;
  };
  const bin = join(folder, Object.values(manifest.bin)[0] ?? '');
  return onNode(manifest.version, bed => [bin, ...args(bed)]);
}

function onNode(
  version: string,
  args: (bed: Bed) => readonly string[],
  outputPath: (bed: Bed) => string | undefined = () => undefined,
  file = process.execPath,
): Found {
  // serve looks for a newer version of itself on the network unless it is told not to.
  const env = { NODE_ENV: 'production', NO_UPDATE_CHECK: '1' };
  const command = (bed: Bed): Command => {
    const path = outputPath(bed);
    const plain = { file, args: args(bed), env };
    return path === undefined ? plain : { ...plain, outputPath: path };
  };
  return { kind: 'ready', version, command };
}

function h2oTls({ tls }: Bed): string {
  if (tls === undefined) return '';
  const lines = [
    `certificate-file: ${tls.cert}`,
    `key-file: ${tls.key}`,
    'ocsp-update-interval: 0', // Else it asks for the address of a responder, which the certificate has none of.
  ];
  return ['  ssl:', ...lines.map(line => `    ${line}`)].join('\n');
}

function lighttpdTls({ tls }: Bed): string {
  if (tls === undefined) return '';
  return [
    'server.modules += ( "mod_openssl" )',
    'ssl.engine = "enable"',
    `ssl.pemfile = "${tls.cert}"`,
    `ssl.privkey = "${tls.key}"`,
  ].join('\n');
}

/** Sessions resumed by tickets, as its documentation advises for one server. */
function certificateLines({ cert, key }: NonNullable<Bed['tls']>): string {
  return `ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_protocols TLSv1.2 TLSv1.3;`;
}

/** Fills the template beside this file in and returns the path of the result. */
function configuration(
  template: string,
  bed: Bed,
  more: readonly (readonly [name: string, value: string])[] = [],
): string {
  const values = [
    ['ROOT', bed.root],
    ['PORT', String(bed.port)],
    ['FOLDER', bed.folder],
    ['CONNECTIONS', String(bed.connectionsMax)],
    ['DESCRIPTORS', String(descriptorsNeeded(bed))],
    ['WORKERS', String(bed.workers)],
    ['SHARING', bed.workers === 1 ? '' : 'reuseport'],
    ['SECURED', bed.tls === undefined ? '' : 'ssl http2'],
    ['CERTIFICATE', bed.tls === undefined ? '' : certificateLines(bed.tls)],
    ['STORED', bed.storedCodings ? 'on' : 'off'],
    ['LOG', bed.log === 'off' ? 'off' : `${logPath(bed)} combined buffer=64k flush=1s`],
    ...more,
  ] as const;
  const text = values.reduce(
    (filled, [name, value]) => filled.replaceAll(`@${name}@`, value),
    readFileSync(join(benchFolder, template), 'utf8'),
  );
  const path = join(bed.folder, template);
  writeFileSync(path, text);
  return path;
}
