import { resolve } from 'node:path';
import { type Checked, checkRules, type Finding, ruleFileNames } from '../check/check.ts';
import { checkCache, checkPasswords, checkTlsFiles, type Named } from '../check/places.ts';
import { whyNotTraced } from '../config/development-options.ts';
import { readConfigFile } from '../config/file.ts';
import { findConfig, shortPath } from '../config/find.ts';
import { type HostSite, valueFaults } from '../config/host-sites.ts';
import { type Command, loadSettings } from '../config/load.ts';
import { type PlacedFolder, placedFolders } from '../config/mount-values.ts';
import type { Settings } from '../config/options.ts';
import { whyNotSecured } from '../config/tls-options.ts';
import { mayBeChosen } from '../http/host-names.ts';
import { firstLine } from '../rules/found.ts';
import { formatSource, noRules, type RuleSet } from '../rules/rules.ts';
import { pageForNavigations } from '../rules/spa.ts';
import { diskStore } from '../store/disk.ts';
import { type Mount, mountedStore } from '../store/mounted.ts';
import { exitCodes } from './exit-codes.ts';
import { judgeFolders } from './root.ts';
import { styleFor } from './style.ts';

/** `plinth check [root] [flags]`: what is wrong with a configuration and its rules. Answers the exit code. */
export async function checkCommand(argv: readonly string[]): Promise<number> {
  const isJson = argv.includes('--json');
  const words = argv.filter(word => word !== '--json');
  const command = loadSettings(words, process.env, false);
  if (command.kind === 'help' || command.kind === 'version') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  if (command.kind === 'fault') return fail(command.message);
  const { settings, sources } = command;
  const config = findConfig(settings.config, sources.has('root') ? settings.root : undefined);
  if (config.kind === 'fault' && settings.config !== undefined) return fail(config.message);
  if (config.kind === 'fault') return tell([faultOf(config.message)], isJson);
  if (config.kind === 'none') return tell(await findingsOf(command, noRules), isJson);
  const reading = await readConfigFile(config.path, () => import('../index.ts'));
  if (reading.kind === 'fault') return tell([faultOf(reading.message)], isJson);
  const { file } = reading;
  const wrong = [
    ...file.faults.map(fault => ({ kind: 'fault', ...fault }) as const),
    ...[file, ...file.hosts].flatMap(({ given }) => valueFaults(given)).map(faultOf),
  ];
  const whole = loadSettings(words, process.env, false, file);
  if (whole.kind !== 'run') return tell(wrong, isJson);
  return tell([...wrong, ...(await findingsOf(whole, file.rules))], isJson);
}

async function findingsOf(command: Run, rules: RuleSet): Promise<readonly Finding[]> {
  const { settings, hosts, sources } = command;
  const root = judgeFolders(command);
  if (root.kind === 'fault') return [faultOf(root.message)];
  const { dotfiles, cacheDir, tlsCert, tlsKey, tlsPass, tlsClientCa } = settings;
  const folders = [root, ...root.mounts].map(({ path }) => path);
  const guarded = [settings, ...hosts.map(host => host.settings)].flatMap(({ auth }) => auth);
  const mayCome = mayBeChosen(hosts.map(host => [host.names, host] as const));
  const sites = [undefined, ...hosts];
  const rootOf = (site: HostSite | undefined): string => resolve((site?.settings ?? settings).root);
  const isAskedOf = (site: HostSite | undefined): Checked['isAsked'] => ({
    byOwn: host => mayCome(host, site),
    byFiles: host => sites.some(other => rootOf(other) === rootOf(site) && mayCome(host, other)),
  });
  const findings = [...(await ruleFindings({ settings, rules, sources }, isAskedOf(undefined)))];
  for (const host of hosts)
    for (const finding of await ruleFindings(host, isAskedOf(host)))
      findings.push(ofHost(finding, host, settings));
  const apart = [whyNotTraced(settings), whyNotSecured(settings)].filter(why => why !== undefined);
  return [
    ...apart.map(faultOf),
    ...onceEach(findings),
    ...checkPasswords(
      guarded.map(({ file }) => named(file)),
      { folders, dotfiles },
    ),
    ...checkTlsFiles(
      { certs: tlsCert, keys: tlsKey, passphrase: tlsPass, clientAuthorities: tlsClientCa },
      Date.now(),
    ),
    ...(cacheDir === undefined ? [] : checkCache(named(cacheDir), folders)),
  ];
}

type Run = Pick<Extract<Command, { kind: 'run' }>, 'settings' | 'sources' | 'hosts'>;

function ruleFindings(
  site: Omit<HostSite, 'names'>,
  isAsked: Checked['isAsked'],
): Promise<readonly Finding[]> {
  const { settings } = site;
  const { dialect, cleanUrls, listing } = settings;
  const own = withApplication(site);
  return checkRules({ store: storeOf(settings), dialect, cleanUrls, listing, own, isAsked });
}

/** Hosts that share a folder share what is wrong in it. */
function onceEach(findings: readonly Finding[]): readonly Finding[] {
  const keyOf = ({ kind, source, why }: Finding): string => `${kind} ${formatSource(source)}: ${why}`;
  return [...new Map(findings.map(finding => [keyOf(finding), finding])).values()];
}

/** Of several sites each may have files of rules: their names alone would not tell whose. */
function ofHost(finding: Finding, { settings }: HostSite, { root }: Settings): Finding {
  const { file, ...place } = finding.source;
  if (!ruleFileNames.includes(file) || resolve(settings.root) === resolve(root)) return finding;
  return { ...finding, source: { ...place, file: shortPath(resolve(settings.root, file)) } };
}

/** All that is served, as rules see it: without the base. It keeps nothing open. */
function storeOf(settings: Settings): Mount['store'] {
  const [root, ...others] = placedFolders({ ...settings, base: '' });
  const opened = ({ at, folder }: PlacedFolder): Mount => {
    const store = diskStore({ ...settings, ...settings.limits, root: folder, openFilesMax: 16 });
    return { at, store, holds: file => store.holds(file) };
  };
  const home = opened(root);
  return others.length === 0 ? home.store : mountedStore(home, others.map(opened));
}

/** With the page of a single-page application, which comes last. */
function withApplication({ settings: { spa }, rules, sources }: Omit<HostSite, 'names'>): RuleSet {
  if (spa === undefined) return rules;
  const said = sources.get('spa') ?? '';
  const { file, line, rest } = placeIn(said) ?? { file: said };
  const source = { file, ...(line !== undefined && { line }), ...(rest !== undefined && { key: rest }) };
  return { ...rules, routes: [...rules.routes, pageForNavigations(spa, source)] };
}

function named(path: string): Named {
  return { path, name: shortPath(resolve(path)) };
}

/** A fault whose message names its place itself. */
function faultOf(message: string): Finding {
  const { file = '', line, rest = message } = placeIn(message) ?? {};
  return { kind: 'fault', source: { file, ...(line !== undefined && { line }) }, why: rest };
}

/** The file with which a text begins, and perhaps its line; undefined when it begins otherwise. */
function placeIn(
  text: string,
): { readonly file: string; readonly line?: number; readonly rest?: string } | undefined {
  const [, file = '', line, rest = ''] = /^(.+?\.\w+)(?::(\d+))?: (.*)$/.exec(text) ?? [];
  return file === '' ? undefined : { file, ...(line !== undefined && { line: Number(line) }), rest };
}

function tell(findings: readonly Finding[], isJson: boolean): number {
  const faults = findings.filter(({ kind }) => kind === 'fault').length;
  if (isJson) {
    const rows = findings.map(({ kind, source, why }) => ({ kind, ...source, message: firstLine(why) }));
    process.stdout.write(`${JSON.stringify({ faults, findings: rows }, undefined, 2)}\n`);
  } else {
    const style = styleFor(process.stdout);
    for (const { kind, source, why } of findings) {
      const place = source.file === '' ? '' : `${formatSource(source)}: `;
      const colour = kind === 'fault' ? style.warn : style.accent;
      process.stdout.write(`${colour(kind.padEnd(8))}  ${firstLine(`${place}${why}`)}\n`);
    }
    if (findings.length === 0) process.stdout.write('nothing is wrong\n');
  }
  return faults > 0 ? exitCodes.failed : exitCodes.stopped;
}

function fail(message: string): number {
  process.stderr.write(`plinth check: ${message}\n`);
  return exitCodes.usage;
}

const helpText = `plinth check: what is wrong with a configuration and its rules

Usage: plinth check [root] [--config <file>] [--json] [any flag of the server]

Reads what the server would read: the configuration file, _headers, _redirects
and serve.json, password files, certificates and keys, and whether the cache
folder can be used. Tells of what cannot be used (fault), of rules that lead to
nothing, stand behind a file or are for a host with a site of its own (dead),
and of rules that an earlier one keeps from being reached (shadowed), each with
its file and line. Starts nothing, and makes nothing.

      --json   Report as JSON
  -h, --help   Show this text

Exit codes: 0 no fault, 1 there is one, 2 wrong usage
`;
