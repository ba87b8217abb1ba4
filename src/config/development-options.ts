import { readOpenPath } from './development-values.ts';
import type { Option } from './options.ts';

/** What helps whoever works on a site. */
export interface DevelopmentSettings {
  /** The page that a browser opens once the server listens, as it stands in an address; undefined: none. For the command only. */
  readonly open: string | undefined;
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
};
