import type { FuzzTarget } from './target.ts';
import { body } from './targets/body.ts';
import { codings, credentials, forwarded, languages, listing } from './targets/client.ts';
import { conditional } from './targets/conditional.ts';
import { date } from './targets/date.ts';
import { fields } from './targets/fields.ts';
import { h2 } from './targets/h2.ts';
import { head } from './targets/head.ts';
import { hpack } from './targets/hpack.ts';
import { log } from './targets/log.ts';
import { range } from './targets/range.ts';
import { rules } from './targets/rules.ts';
import { target } from './targets/target.ts';
import { authority, entityTags, mediaType, negotiation } from './targets/values.ts';

/** Everything that is fuzzed, in the order in which it is. */
export const targets: readonly FuzzTarget[] = [
  head,
  body,
  fields,
  target,
  range,
  date,
  conditional,
  entityTags,
  negotiation,
  codings,
  languages,
  forwarded,
  credentials,
  listing,
  authority,
  mediaType,
  log,
  rules,
  hpack,
  h2,
];
