import { hostname } from 'node:os';
import { OptionError, type Settings } from '../config/options.ts';
import type { Gate } from '../features/feature.ts';
import { hosts } from '../features/hosts.ts';
import type { ReadFile } from '../server/certificates.ts';
import { openH2 } from '../server/h2-driver.ts';
import { H2Means } from '../server/h2-means.ts';
import { Handshakes } from '../server/handshakes.ts';
import { ownHosts } from '../server/own-hosts.ts';
import type { SecuredMeans } from '../server/running.ts';
import { Tls, type TlsMeans } from '../server/tls.ts';
import { loadTlsFiles, TlsFileWatch, type TlsPaths } from '../server/tls-files.ts';
import { redirectService, wrongPortService } from '../server/unsecured.ts';

/**
 * Opens what secures connections. Throws an OptionError for a certificate or a key that cannot be used; what only ought
 * to be otherwise is reported.
 */
export async function openTls(
  settings: Settings,
  report: (line: string) => void,
  whenRenewed: () => void,
): Promise<SecuredMeans> {
  const { tls, rest } = await openFiles(settings, report, whenRenewed);
  let names: readonly string[] | undefined;
  let guard: Gate = () => undefined;
  const currentGuard = (): Gate => {
    if (names !== tls.names) {
      names = tls.names;
      guard = hosts([...names, ...(settings.allowedHosts ?? [])]);
    }
    return guard;
  };
  return {
    tls,
    openH2: speaksH2(settings) ? service => openH2(new H2Means(service, 'https')) : undefined,
    openHandshakes: (...means) => new Handshakes(tls, ...means),
    wrongPort: wrongPortService,
    redirecting: (service, portOf) => redirectService(service, currentGuard, portOf),
    rest: () => {
      rest();
      tls.rest();
    },
  };
}

/** A slow line carries one answer after the other, as HTTP/1.1 sends them. */
function speaksH2({ throttle }: Settings): boolean {
  return throttle.length === 0;
}

/** A certificate for this machine and its key, from an authority of its user's own. */
async function makeLocal(
  { hosts: places, allowedHosts = [] }: Settings,
  report: (line: string) => void,
): Promise<ReadFile> {
  const { issueLocally, openAuthority } = await import('../authority/local.ts');
  const now = Date.now();
  const machine = hostname();
  const authority = await openAuthority(machine, now);
  if ('kind' in authority) throw new OptionError(`--tls: ${authority.why}`);
  if (authority.isNew) report('--tls: browsers trust this server once you have run: plinth trust');
  const { cert, key } = await issueLocally(
    authority,
    machine,
    [...ownHosts(), ...places, ...allowedHosts],
    now,
  );
  return { path: '--tls', octets: Buffer.from(`${cert}${key}`) };
}

async function openFiles(
  settings: Settings,
  report: (line: string) => void,
  whenRenewed: () => void,
): Promise<Pick<SecuredMeans, 'tls' | 'rest'>> {
  const { tlsCert, tlsKey, tlsPass, tlsClientCa } = settings;
  const paths: TlsPaths = {
    made: tlsCert.length === 0 ? await makeLocal(settings, report) : undefined,
    certs: tlsCert,
    keys: tlsKey,
    passphrase: tlsPass,
    clientAuthorities: tlsClientCa,
  };
  const renew = (means: TlsMeans): void => {
    whenRenewed();
    tls.renew(means);
  };
  const watch = new TlsFileWatch(paths, renew, report);
  // Before they are read: what becomes another file in between is seen.
  await watch.begin();
  const loaded = loadTlsFiles(paths, Date.now());
  if (loaded.kind === 'fault') {
    watch.rest();
    throw new OptionError(`TLS: ${loaded.why}`);
  }
  for (const warning of loaded.warnings) report(`warning: ${warning}`);
  const tls = new Tls(loaded, speaksH2(settings) ? ['h2', 'http/1.1'] : ['http/1.1']);
  return { tls, rest: () => watch.rest() };
}
