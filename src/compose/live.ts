import { segmentsOf } from '../config/mount-values.ts';
import type { Settings } from '../config/options.ts';
import { type LiveSource, liveScriptAt } from '../features/live-reload.ts';
import { allowedValues } from '../html/environment.ts';
import { formatPath } from '../http/target.ts';
import { liveScript } from '../page/live-script.ts';
import { Changes } from '../server/changes.ts';
import { LiveEvents } from '../server/live-events.ts';
import { type PageEditor, pageEditor } from '../server/page-editor.ts';
import { isHidden } from '../store/store.ts';

/** What edits the pages and looks into them, if anything does; `isHashed`: for the policies of pages. */
export function openPages(
  { base, env }: Settings,
  live: Live | undefined,
  isHashed: boolean,
): PageEditor | undefined {
  if (env.length === 0 && live === undefined && !isHashed) return undefined;
  const top = segmentsOf(base);
  return pageEditor({
    base: formatPath(top, false).replace(/\/$/, ''),
    environment: env.length === 0 ? undefined : allowedValues(process.env, env),
    live: live && { path: formatPath(liveScriptAt(top), false), nonce: live.nonce },
    isHashed,
  });
}

/** What follows the files of a site that is being worked on. */
export interface Live {
  readonly changes: Changes;
  readonly events: LiveEvents;
  readonly source: LiveSource;
  readonly nonce: string;
  /** Forgets what has not been told of, for the next start. */
  readonly rest: () => void;
}

/**
 * Begins to follow; nothing is read before the store is opened with its changes. Pages are told of
 * nothing that is hidden, and of the rest what `publicPathOf` makes of it. `isRewritten`: whether files are found by other
 * names than those that pages ask for.
 */
export function openLive(
  { dotfiles }: Pick<Settings, 'dotfiles'>,
  isRewritten: () => boolean,
  publicPathOf: (path: string) => string = path => path,
): Live {
  // Loaded for those alone who develop: it costs every start nearly 1 MiB.
  const nonce = process.getBuiltinModule('node:crypto').randomBytes(16).toString('base64url');
  const events = new LiveEvents(nonce.slice(0, 8));
  const changes = new Changes(paths => {
    const seen = dotfiles ? paths : paths.filter(path => !path.split('/').slice(1).some(isHidden));
    if (seen.length > 0) events.tell([...new Set(seen.map(publicPathOf))]);
  });
  const source: LiveSource = {
    script: () => liveScript(events.last, isRewritten()),
    revision: () => events.count,
    events: since => events.stream(since),
  };
  const rest = (): void => {
    changes.clear();
    events.resume();
  };
  return { changes, events, source, nonce, rest };
}
