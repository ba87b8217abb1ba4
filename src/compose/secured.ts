import { OptionError, type Settings } from '../config/options.ts';
import { isSecured, whyNotSecured } from '../config/tls-options.ts';
import type { SecuredMeans } from '../server/running.ts';

/** Opens what secures connections; rejects with an OptionError. */
export type OpenSecured = () => Promise<SecuredMeans>;

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
  const why = whyNotSecured(settings);
  if (why !== undefined) throw new OptionError(why);
  return undefined;
}
