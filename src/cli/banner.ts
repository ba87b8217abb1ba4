import { networkInterfaces } from 'node:os';
import { segmentsOf } from '../config/mount-values.ts';
import type { Settings } from '../config/options.ts';
import { formatPath } from '../http/target.ts';
import type { Address } from '../index.ts';
import type { MountedFolder } from './root.ts';
import { printable, type Style } from './style.ts';

/** What a banner tells. */
export interface BannerFacts {
  readonly version: string;
  /** The folder that is served, absolute. */
  readonly root: string;
  /** The folders beside it. */
  readonly mounts: readonly MountedFolder[];
  readonly settings: Settings;
  /** What is really bound. */
  readonly addresses: readonly Address[];
  /** The configuration file, absolute, if there is one. */
  readonly config?: string | undefined;
  /** Processes that serve. */
  readonly workers: number;
  /** The process that stops them all. */
  readonly pid: number;
}

/** For a terminal of 80 columns: addresses, root, what is on, how to stop. */
export function terminalBanner(facts: BannerFacts, style: Style): string {
  const moved = movedPort(facts);
  const { loopback, network } = reachable(facts.addresses, facts.settings.base);
  const rows: (readonly [string, readonly string[]])[] = [
    ['Folder', [style.bold(shortened(printable(facts.root), valueWidth))]],
    ['', few(facts.mounts.map(mountText)).map(text => shortened(text, valueWidth))],
    ['Config', facts.config === undefined ? [] : [shortened(printable(facts.config), valueWidth)]],
    ['Local', loopback.map(style.accent)],
    ['Network', few(network).map(style.accent)],
    ['Port', moved === undefined ? [] : [style.warn(moved)]],
    ['On', inRows(switchedOn(facts.settings))],
    ['Workers', facts.workers === 1 ? [] : [String(facts.workers)]],
    ['Stop', ['Ctrl-C']],
  ];
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => bannerRow(index === 0 ? label : '', value, style)),
  );
  const title = `  ${style.bold(style.accent('plinth'))} ${style.dim(facts.version)}`;
  return ['', title, '', ...lines, ''].join('\n');
}

/** One line of the terminal's banner. */
export function bannerRow(label: string, value: string, style: Style): string {
  return `  ${style.dim(label.padEnd(labelWidth))}${value}`;
}

/** For a log: one fact a line. */
export function plainBanner(facts: BannerFacts): string {
  const { loopback, network } = reachable(facts.addresses, facts.settings.base);
  const moved = movedPort(facts);
  const lines = [
    ...[...loopback, ...network].map(address => `listening on ${address}`),
    ...(moved === undefined ? [] : [`port ${moved}`]),
    `serving ${printable(facts.root)}`,
    ...facts.mounts.map(mount => `serving ${mountText(mount)}`),
    ...(facts.config === undefined ? [] : [`configured by ${printable(facts.config)}`]),
    `on: ${switchedOn(facts.settings).join(', ') || 'nothing beyond files'}`,
    ...(facts.workers === 1 ? [] : [`workers: ${facts.workers}; renew them with: kill -HUP ${facts.pid}`]),
    `stop with: kill ${facts.pid}`,
  ];
  return lines.map(line => `plinth ${facts.version}: ${line}\n`).join('');
}

const labelWidth = 10;
const valueWidth = 80 - 2 - labelWidth;
const networkShownMax = 6;
const defaultPort = 8080;

/**
 * Where the site can be reached, which begins at `base`: an address that stands for all is replaced by those of the machine.
 */
export function reachable(
  addresses: readonly Address[],
  base = '',
): {
  readonly loopback: readonly string[];
  readonly network: readonly string[];
} {
  const path = formatPath(segmentsOf(base), true);
  const loopback = new Set<string>();
  const network = new Set<string>();
  for (const address of addresses) {
    if (address.kind === 'unix') {
      loopback.add(`unix:${printable(address.path)}`);
      continue;
    }
    for (const host of hostsBehind(address.host)) {
      const name = host.includes(':') ? `[${host}]` : host;
      const scheme = address.url.startsWith('https:') ? 'https' : 'http';
      (isLoopback(host) ? loopback : network).add(`${scheme}://${name}:${address.port}${path}`);
    }
  }
  return { loopback: [...loopback], network: [...network] };
}

/** The address of a page for a browser of this machine, loopback first; why there is none. `page` begins with a slash. */
export function pageAddress(
  addresses: readonly Address[],
  base: string,
  page: string,
): { readonly kind: 'page'; readonly url: string } | { readonly kind: 'none'; readonly why: string } {
  const { loopback, network } = reachable(addresses, base);
  const places = [...loopback, ...network].filter(address => !address.startsWith('unix:'));
  if (places.length === 0) return { kind: 'none', why: 'no browser speaks over a Unix socket' };
  // An address with a zone (RFC 4007 §11) is one that no URL has.
  const origin = places.find(address => URL.canParse(address));
  return origin === undefined
    ? { kind: 'none', why: `no browser knows the zone in ${places[0]}` }
    : { kind: 'page', url: new URL(`.${page}`, origin).href };
}

function hostsBehind(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const family = host === '::' ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces())
    .flatMap(own => own ?? [])
    .filter(own => own.family === family && !/^fe[89ab]/i.test(own.address)) // link-local ones need a zone, which no URL has
    .map(own => own.address);
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.');
}

function switchedOn({
  dev,
  listing,
  cleanUrls,
  spa,
  variants,
  languages,
  env,
  dotfiles,
  followSymlinks,
  auth,
  allow,
  deny,
  allowedHosts,
  cors,
  secure,
  throttle,
  trace,
}: Settings): readonly string[] {
  return [
    ...(dev ? ['live reload'] : []),
    ...(listing ? ['listing'] : []),
    ...(cleanUrls ? ['clean URLs'] : []),
    ...(spa === undefined ? [] : ['single-page application']),
    ...(variants ? ['image variants'] : []),
    ...(languages.length > 0 ? ['languages'] : []),
    ...(env.length > 0 ? ['environment values'] : []),
    ...(dotfiles ? ['dotfiles'] : []),
    ...(followSymlinks ? ['links out of the folder'] : []),
    ...(auth.length > 0 ? ['passwords'] : []),
    ...(allow !== undefined || deny !== undefined ? ['address lists'] : []),
    ...(allowedHosts === undefined ? [] : ['a list of hosts']),
    ...(cors === undefined ? [] : ['CORS']),
    ...(secure ? ['security fields'] : []),
    ...(throttle.length > 0 ? ['slow answers'] : []),
    ...(trace ? ['trace'] : []),
  ];
}

/** Words with commas between, in rows that fit behind the labels. */
function inRows(words: readonly string[]): readonly string[] {
  const rows: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = index < words.length - 1 ? `${word},` : word;
    const row = rows.at(-1);
    if (row === undefined || row.length + 1 + text.length > valueWidth) rows.push(text);
    else rows[rows.length - 1] = `${row} ${text}`;
  }
  return rows.length === 0 ? ['nothing beyond files'] : rows;
}

function movedPort({ settings, addresses }: BannerFacts): string | undefined {
  const tcp = addresses.find(address => address.kind === 'tcp');
  if (settings.port !== undefined || tcp === undefined || tcp.port === defaultPort) return undefined;
  return `${defaultPort} is taken; ${tcp.port} is the next free one`;
}

function few(urls: readonly string[]): readonly string[] {
  if (urls.length <= networkShownMax) return urls;
  return [...urls.slice(0, networkShownMax), `and ${urls.length - networkShownMax} more`];
}

function mountText({ at, path }: MountedFolder): string {
  return `${printable(at)} from ${printable(path)}`;
}

/** The end of a text that is too long, which for a path says more than its beginning. */
function shortened(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}
