import type { Dialect } from '../rules/lines.ts';
import { type Mounts, readBase, readMounts } from './mount-values.ts';
import type { Option } from './options.ts';
import { readCacheRules, readDialect, readLanguages, readSpaPage } from './rule-values.ts';
import { readSwitch } from './values.ts';

/** What can be set about the rules of a site. */
export interface RuleSettings {
  /** Other folders by the paths below which they are found: `/docs`, and no slash behind. */
  readonly mounts: Mounts;
  /** The path below which everything is found, with a slash before it and none behind; empty: the top. */
  readonly base: string;
  /** The page that navigations get where nothing stands, as a path below the root; undefined: none. */
  readonly spa: string | undefined;
  /** How long answers may be kept, each as `readCacheRule` reads it; later ones prevail. */
  readonly cache: readonly string[];
  /** Whether an image may be sent as its sibling in a newer form. */
  readonly variants: boolean;
  /** The languages of the site's pages, that of plain names first; empty: they are not told apart. */
  readonly languages: readonly string[];
  /** How `_headers` and `_redirects` are read. */
  readonly dialect: Dialect;
}

/** Their rows in the table of options. */
export const ruleOptions: { readonly [Key in keyof RuleSettings]: Option<RuleSettings[Key]> } = {
  mounts: {
    key: 'mounts',
    flag: 'mount',
    argument: '<path=dir>',
    repeats: true,
    joins: true,
    isRare: true,
    environment: [],
    initial: {},
    help: 'Serve another folder below a path: /docs=../docs',
    read: readMounts,
  },
  base: {
    key: 'base',
    flag: 'base',
    argument: '<path>',
    isRare: true,
    environment: [],
    initial: '',
    help: 'Serve everything below this path: /app',
    read: readBase,
  },
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
  variants: {
    key: 'variants',
    flag: 'variants',
    environment: [],
    initial: false,
    help: 'Send a.avif or a.webp for a.jpg where accepted',
    isRare: true,
    read: readSwitch,
  },
  languages: {
    key: 'languages',
    flag: 'languages',
    argument: '<list>',
    environment: [],
    initial: [],
    help: 'Send page.zh.html to who prefers zh to en: en,zh',
    isRare: true,
    read: readLanguages,
  },
  dialect: {
    key: 'dialect',
    flag: 'dialect',
    argument: '<name>',
    environment: [],
    initial: 'netlify',
    help: 'Of _headers and _redirects: netlify or cloudflare',
    isRare: true,
    read: readDialect,
  },
};
