import type { HostSite } from '../config/host-sites.ts';
import type { Settings } from '../config/options.ts';
import type { Address } from '../index.ts';
import { bannerRow, pageAddress, plainBanner, reachable, terminalBanner } from './banner.ts';
import { findHazards, hazardLines, passwordLines } from './hazards.ts';
import type { Key } from './keys.ts';
import type { FoldersJudgement } from './root.ts';
import { type Style, styleFor } from './style.ts';
import { readVersion } from './version.ts';

/** What serves, in this process or in others. */
export interface Started {
  readonly addresses: readonly Address[];
  /** Processes that serve. */
  readonly workers: number;
  /** What there is to be made anew at a key, if anything. */
  readonly renewal?: Pick<Key, 'does' | 'act'>;
  readonly stop: (graceMs: number) => Promise<void>;
  /** Ends what this process does not take with it when it exits. */
  readonly kill: () => void;
}

/** What is served, and by what. */
export interface Announced {
  readonly folders: Extract<FoldersJudgement, { kind: 'fit' }>;
  readonly settings: Settings;
  /** Sites of their own for some hosts. */
  readonly hosts: readonly HostSite[];
  /** The configuration file, absolute, if there is one. */
  readonly config: string | undefined;
  /** Takes a line for whoever looks after the server. */
  readonly report: (line: string) => void;
}

/**
 * Says where the server is to be found, and what its root holds that should not be there; opens the browser that was asked
 * for, and at a terminal listens to keys.
 */
export async function announce(started: Started, announced: Announced): Promise<void> {
  const { folders, settings, hosts, config, report } = announced;
  const guarded = [settings, ...hosts.map(host => host.settings)].flatMap(({ auth }) => auth);
  const { path: root, mounts } = folders;
  const { addresses, workers } = started;
  const isTerminal = process.stdout.isTTY === true;
  const style = styleFor(process.stdout);
  const facts = {
    version: readVersion(),
    root,
    mounts,
    settings,
    addresses,
    workers,
    pid: process.pid,
    config,
  };
  // Standard output belongs to the access log where it is read by programs.
  if (isTerminal) process.stdout.write(terminalBanner(facts, style));
  else process.stderr.write(plainBanner(facts));
  if (isTerminal) await welcome(started, announced, style);
  const hazards = hazardLines(
    await findHazards([{ at: '', path: root, dotfiles: settings.dotfiles }, ...mounts]),
  );
  for (const [kind, line] of [...hazards, ...passwordLines({ ...settings, auth: guarded }, addresses)]) {
    if (!isTerminal) report(`${kind}: ${line}`);
    else if (kind === 'warning') process.stdout.write(`${bannerRow('Warning', style.warn(line), style)}\n`);
    else process.stdout.write(`${bannerRow('Note', line, style)}\n`);
  }
  if (isTerminal) process.stdout.write('\n');
  if (settings.open !== undefined) await openPage(started, announced);
}

/** The rest of the banner of a terminal: keys, and a code for a phone where the site is worked on and can be reached by one. */
async function welcome(started: Started, announced: Announced, style: Style): Promise<void> {
  const { dev, log } = announced.settings;
  if (process.stdin.isTTY === true) {
    const { takeKeys } = await import('./keys.ts');
    const keys = keysFor(started, announced);
    if (takeKeys(keys)) {
      const row = keys.map(({ letter, does }) => `${letter} ${does}`).join(', ');
      process.stdout.write(`${bannerRow('Keys', row, style)}\n`);
    }
  }
  const [address] = reachable(started.addresses, announced.settings.base).network;
  if (!dev || log === 'off' || address === undefined || !process.stdout.hasColors(256)) return;
  const { qrCode } = await import('./qr-code.ts');
  const code = qrCode(address, process.stdout.columns);
  if (code !== undefined) process.stdout.write(`\n${code}${bannerRow('Phone', address, style)}\n`);
}

function keysFor(started: Started, announced: Announced): readonly Key[] {
  const { loopback, network } = reachable(started.addresses, announced.settings.base);
  const address = network[0] ?? loopback[0] ?? '';
  const copy = (): void => {
    // The terminal keeps the clipboard, wherever this process runs: OSC 52.
    process.stdout.write(`\x1b]52;c;${Buffer.from(address).toString('base64')}\x07${address}\n`);
  };
  const keys: readonly Key[] = [
    ...(started.renewal === undefined ? [] : [{ letter: 'r', ...started.renewal }]),
    { letter: 'o', does: 'open', act: () => void openPage(started, announced) },
    { letter: 'c', does: 'copy address', act: copy },
    { letter: 'q', does: 'quit', act: () => process.emit('SIGTERM', 'SIGTERM') },
    { letter: 'h', does: 'help', act: () => void help() },
  ];
  const help = async (): Promise<void> => {
    const { keysText } = await import('./keys.ts');
    process.stdout.write(keysText(keys));
  };
  return keys;
}

/** Opens the page that was asked for, the first one unless another was, at an address of this machine. Never rejects. */
async function openPage({ addresses }: Started, { settings, report }: Announced): Promise<void> {
  const page = pageAddress(addresses, settings.base, settings.open ?? '/');
  if (page.kind === 'none') {
    report(`no browser can be opened: ${page.why}`);
    return;
  }
  try {
    const { openInBrowser } = await import('./browser.ts');
    await openInBrowser(page.url, report);
  } catch (error) {
    // A server that serves is worth more: what is loaded now may have been replaced by another version.
    report(`no browser could be opened (${(error as Error).message}); see ${page.url}`);
  }
}
