import { nearest } from '../rules/nearest.ts';
import { commands } from './commands.ts';

/** What to add to a message about a root that cannot be served: the command that its first word may have meant, or ''. */
export function commandHint(word: string | undefined): string {
  const near = word === undefined || word.startsWith('-') ? undefined : nearest(word, Object.keys(commands));
  return near === undefined ? '' : `; did you mean the command ${near}?`;
}
