/** The rows of the table of options that say who may see what. */
import {
  type CorsSettings,
  type Guarded,
  readCors,
  readGuarded,
  readHostNames,
  readRanges,
} from './access-values.ts';
import type { Option } from './options.ts';
import { readSwitch } from './values.ts';

/** Who may see what, and what other pages may do with it. */
export interface AccessSettings {
  /** The hosts that may be asked for; undefined: any. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Places that want a name and a password. */
  readonly auth: readonly Guarded[];
  /** Ranges of addresses that are served; undefined: all. */
  readonly allow: readonly string[] | undefined;
  /** Ranges of addresses that are not served. */
  readonly deny: readonly string[] | undefined;
  /** Ranges of addresses of proxies that are believed who their client is; undefined: none. */
  readonly trustProxy: readonly string[] | undefined;
  /** Who may read answers from pages of other origins; undefined: nobody. */
  readonly cors: CorsSettings | undefined;
  /** Whether answers bear the fields that keep pages from harm. */
  readonly secure: boolean;
}

/** The rows, in the order of the help text. */
export const accessOptions: { readonly [Key in keyof AccessSettings]: Option<AccessSettings[Key]> } = {
  allowedHosts: {
    key: 'allowedHosts',
    flag: 'hosts',
    argument: '<names>',
    repeats: true,
    environment: [],
    initial: undefined,
    help: 'Answer under these names only: *.example.com',
    isRare: true,
    read: readHostNames,
  },
  auth: {
    key: 'auth',
    flag: 'auth',
    argument: '<file>',
    repeats: true,
    joins: true,
    environment: [],
    initial: [],
    help: 'Ask for a password of this htpasswd; /path=file',
    read: readGuarded,
  },
  allow: {
    key: 'allow',
    flag: 'allow',
    argument: '<ranges>',
    repeats: true,
    environment: [],
    initial: undefined,
    help: 'Serve these addresses only: 10.0.0.0/8,::1',
    isRare: true,
    read: readRanges,
  },
  deny: {
    key: 'deny',
    flag: 'deny',
    argument: '<ranges>',
    repeats: true,
    environment: [],
    initial: undefined,
    help: 'Do not serve these addresses',
    isRare: true,
    read: readRanges,
  },
  trustProxy: {
    key: 'trustProxy',
    flag: 'trust-proxy',
    argument: '<ip>',
    repeats: true,
    environment: [],
    initial: undefined,
    help: 'Believe these proxies who their client is',
    isRare: true,
    read: readRanges,
  },
  cors: {
    key: 'cors',
    flag: 'cors',
    short: 'C',
    argument: '[origins]',
    repeats: true,
    environment: [],
    initial: undefined,
    help: 'Let pages of these origins read it; alone: all',
    read: readCors,
  },
  secure: {
    key: 'secure',
    flag: 'secure',
    environment: [],
    initial: false,
    help: 'Send the fields that keep pages from harm',
    read: readSwitch,
  },
};
