import type { Dialect } from '../rules/lines.ts';
import type { Option } from './options.ts';
import { readCacheRules, readDialect, readSpaPage } from './rule-values.ts';

/** What can be set about the rules of a site. */
export interface RuleSettings {
  /** The page that navigations get where nothing stands, as a path below the root; undefined: none. */
  readonly spa: string | undefined;
  /** How long answers may be kept, each as `readCacheRule` reads it; later ones prevail. */
  readonly cache: readonly string[];
  /** How `_headers` and `_redirects` are read. */
  readonly dialect: Dialect;
}

/** Their rows in the table of options. */
export const ruleOptions: { readonly [Key in keyof RuleSettings]: Option<RuleSettings[Key]> } = {
  spa: {
    key: 'spa',
    flag: 'spa',
    short: 's',
    argument: '[page]',
    environment: [],
    initial: undefined,
    help: 'Where no file stands, pages are index.html, or this',
    read: readSpaPage,
  },
  cache: {
    key: 'cache',
    flag: 'cache',
    argument: '<rule>',
    repeats: true,
    environment: [],
    initial: [],
    help: "Cache-Control: 'max-age=60', '/img/**=max-age=60'",
    read: readCacheRules,
  },
  dialect: {
    key: 'dialect',
    flag: 'dialect',
    argument: '<name>',
    environment: [],
    initial: 'netlify',
    help: 'Of _headers and _redirects: netlify or cloudflare',
    read: readDialect,
  },
};
