import { OptionError, type Settings } from '../config/options.ts';
import type { SecuredMeans } from '../server/running.ts';

/** Opens what secures connections; rejects with an OptionError. */
export type OpenSecured = () => Promise<SecuredMeans>;

/** Whether a server's connections are secured. */
export function isSecured({ tls, tlsCert }: Pick<Settings, 'tls' | 'tlsCert'>): boolean {
  return tls || tlsCert.length > 0;
}

/**
 * How connections are secured: what does that is loaded by those servers alone that need it. Undefined where they are
 * not. `whenRenewed` is called before other certificates are used. Throws an OptionError for an option that means nothing
 * without it.
 */
export function securing(
  settings: Settings,
  report: (line: string) => void,
  whenRenewed: () => void,
): OpenSecured | undefined {
  if (isSecured(settings))
    return async () => (await import('./tls.ts')).openTls(settings, report, whenRenewed);
  const { tlsKey, tlsPass, tlsClientCa, httpsRedirect, hsts } = settings;
  const idle = Object.entries({
    '--tls-key': tlsKey[0],
    '--tls-pass': tlsPass,
    '--tls-client-ca': tlsClientCa,
    '--https-redirect': httpsRedirect,
    '--hsts': hsts,
  }).find(([, value]) => value !== undefined);
  if (idle !== undefined)
    throw new OptionError(`${idle[0]}: found no certificate, wanted --tls-cert or --tls`);
  return undefined;
}
