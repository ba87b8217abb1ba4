import type { Dialect } from '../rules/lines.ts';
import { readHeaders } from '../rules/read-headers.ts';
import { readRedirects } from '../rules/read-redirects.ts';
import { readServeJson } from '../rules/read-serve-json.ts';
import { noRules, type ReadRules } from '../rules/rules.ts';

/** Reads a file of rules by its name; one of another name asks for nothing. */
export function readRuleFile(name: string, text: string, dialect: Dialect): ReadRules {
  switch (name) {
    case '_headers':
      return readHeaders(text, name, dialect);
    case '_redirects':
      return readRedirects(text, name, dialect);
    case 'serve.json':
      return readServeJson(text, name);
    default:
      return { rules: noRules, faults: [] };
  }
}
