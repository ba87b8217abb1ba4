import { readOpenPath, readThrottleRules } from './development-values.ts';
import type { Option, Settings } from './options.ts';
import { readSwitch } from './values.ts';

/** What helps whoever works on a site. */
export interface DevelopmentSettings {
  /** The page that a browser opens once the server listens, as it stands in an address; undefined: none. For the command only. */
  readonly open: string | undefined;
  /** How slowly answers leave, each as `readThrottleRule` reads it; the first for a path decides. */
  readonly throttle: readonly string[];
  /** Whether answers tell how they came to be. */
  readonly trace: boolean;
}

/** Why settings cannot go together; undefined when they can. Whoever can reach a server could learn how it decides. */
export function whyNotTraced({ dev, trace }: Pick<Settings, 'dev' | 'trace'>): string | undefined {
  if (!trace || dev) return undefined;
  return 'trace: found it without dev, wanted both: only a site that is worked on tells of itself';
}

/** Their rows in the table of options. */
export const developmentOptions: {
  readonly [Key in keyof DevelopmentSettings]: Option<DevelopmentSettings[Key]>;
} = {
  open: {
    key: 'open',
    flag: 'open',
    short: 'o',
    argument: '[path]',
    isForCommand: true,
    environment: [],
    initial: undefined,
    help: 'Open a browser, at this path',
    read: readOpenPath,
  },
  throttle: {
    key: 'throttle',
    flag: 'throttle',
    argument: '<line>',
    repeats: true,
    environment: [],
    initial: [],
    help: 'Answer slowly: slow-3g, 100k,200ms, *.jpg=fast-3g',
    isRare: true,
    read: readThrottleRules,
  },
  trace: {
    key: 'trace',
    flag: 'trace',
    environment: [],
    initial: false,
    help: 'With --dev: say in Server-Timing how answers came',
    isRare: true,
    read: readSwitch,
  },
};
