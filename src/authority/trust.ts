import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where an authority can be made known, and how. */
export interface TrustStep {
  /** Who trusts it then. */
  readonly who: string;
  /** Programs with their words, one after the other. */
  readonly commands: readonly (readonly string[])[];
  /** Whether only the system's administrator may do it. */
  readonly needsRoot: boolean;
}

/** The machine, as far as it matters to who trusts whom. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Whether a program is to be found. */
  readonly has: (program: string) => boolean;
}

/** An authority to be trusted: a file with its certificate, and the name by which lists have it. */
export interface Anchor {
  readonly file: string;
  readonly name: string;
  /** In hexadecimal digits. */
  readonly serial: string;
}

/** The steps that make an authority known on this machine, or forgotten; none where nobody is found who could be told. */
export function trustSteps(machine: Machine, anchor: Anchor, isUninstall: boolean): readonly TrustStep[] {
  switch (machine.platform) {
    case 'darwin':
      return [...keychainSteps(machine, anchor, isUninstall), ...nssSteps(machine, anchor, isUninstall)];
    case 'win32':
      return windowsSteps(anchor, isUninstall);
    default:
      return [...systemSteps(machine, anchor, isUninstall), ...nssSteps(machine, anchor, isUninstall)];
  }
}

/** What a Linux system has its trusted authorities in, by what renews the list. */
const systemStores: readonly (readonly [folder: string, renewal: readonly string[]])[] = [
  ['/usr/local/share/ca-certificates', ['update-ca-certificates']],
  ['/etc/pki/ca-trust/source/anchors', ['update-ca-trust', 'extract']],
  ['/etc/ca-certificates/trust-source/anchors', ['trust', 'extract-compat']],
  ['/usr/share/pki/trust/anchors', ['update-ca-certificates']],
];

function systemSteps({ has }: Machine, { file, serial }: Anchor, isUninstall: boolean): readonly TrustStep[] {
  const store = systemStores.find(([folder, [renewal = '']]) => existsSync(folder) && has(renewal));
  if (store === undefined) return [];
  const [folder, renewal] = store;
  const place = join(folder, `plinth-${serial.slice(0, 16).toLowerCase()}.crt`);
  if (isUninstall && !existsSync(place)) return [];
  const change = isUninstall ? ['rm', '-f', place] : ['install', '-m', '644', file, place];
  return [{ who: 'the system (curl, wget, Python …)', commands: [change, [...renewal]], needsRoot: true }];
}

function keychainSteps(
  { home }: Machine,
  { file, name }: Anchor,
  isUninstall: boolean,
): readonly TrustStep[] {
  const keychain = join(home, 'Library', 'Keychains', 'login.keychain-db');
  const commands = isUninstall
    ? [
        ['security', 'remove-trusted-cert', file],
        ['security', 'delete-certificate', '-c', name, keychain],
      ]
    : [['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file]];
  return [{ who: 'the login keychain (Safari, Chrome, curl …)', commands, needsRoot: false }];
}

function windowsSteps({ file, serial }: Anchor, isUninstall: boolean): readonly TrustStep[] {
  const command = isUninstall
    ? ['certutil.exe', '-user', '-delstore', 'Root', serial]
    : ['certutil.exe', '-user', '-addstore', 'Root', file];
  return [{ who: "this user's Windows (Edge, Chrome …)", commands: [command], needsRoot: false }];
}

/** Chromium and Firefox on Linux, and Firefox everywhere, have lists of their own (NSS). */
function nssSteps(
  machine: Machine,
  { file, name, serial }: Anchor,
  isUninstall: boolean,
): readonly TrustStep[] {
  if (!machine.has('certutil')) return [];
  const isThere = (folder: string): boolean => existsSync(join(folder, 'cert9.db'));
  const folders = nssFolders(machine).filter(([, folder]) => !isUninstall || isThere(folder));
  return folders.map(([who, folder]) => {
    const list = `sql:${folder}`;
    // Two authorities of one name would be one to these lists.
    const nickname = `${name} ${serial.slice(0, 8).toLowerCase()}`;
    const make = [
      ['mkdir', '-p', '-m', '700', folder],
      ['certutil', '-N', '-d', list, '--empty-password'],
    ];
    const add = ['certutil', '-A', '-d', list, '-n', nickname, '-t', 'C,,', '-i', file];
    const commands = isUninstall
      ? [['certutil', '-D', '-d', list, '-n', nickname]]
      : isThere(folder)
        ? [add]
        : [...make, add];
    return { who, commands, needsRoot: false };
  });
}

function nssFolders({ platform, home }: Machine): readonly (readonly [who: string, folder: string])[] {
  if (platform === 'darwin')
    return profilesIn(join(home, 'Library', 'Application Support', 'Firefox', 'Profiles'));
  const snap = join(home, 'snap', 'chromium', 'current', '.pki', 'nssdb');
  return [
    ['Chromium and Chrome', join(home, '.pki', 'nssdb')] as const,
    ...(existsSync(snap) ? [['Chromium (snap)', snap] as const] : []),
    ...profilesIn(join(home, '.mozilla', 'firefox')),
    ...profilesIn(join(home, 'snap', 'firefox', 'common', '.mozilla', 'firefox')),
  ];
}

function profilesIn(folder: string): readonly (readonly [who: string, folder: string])[] {
  try {
    const profiles = readdirSync(folder).map(name => join(folder, name));
    return profiles
      .filter(profile => existsSync(join(profile, 'cert9.db')))
      .map(profile => ['Firefox', profile]);
  } catch {
    return [];
  }
}
