import { whyNotTraced } from '../config/development-options.ts';
import { OptionError, type Settings } from '../config/options.ts';
import type { TellRule } from '../rules/rules.ts';
import { createHandler, type Handler, type HandlerParts } from '../server/handler.ts';

/** What watches decisions, from around everything that takes part in them. */
export interface Watching {
  /** Is to be told which rules apply. */
  readonly ruled: TellRule;
  readonly handler: (parts: HandlerParts) => Handler;
}

/**
 * What tells of each answer, if that is wanted; loaded with the first request. Throws an OptionError outside of
 * development.
 */
export function openTracing(settings: Settings): Watching | undefined {
  const why = whyNotTraced(settings);
  if (why !== undefined) throw new OptionError(why);
  if (!settings.trace) return undefined;
  let timing: typeof import('../watch/server-timing.ts') | undefined;
  return {
    ruled: use => timing?.ruled(use),
    handler: parts => ({
      ...createHandler(parts),
      // No two answers are alike.
      reads: undefined,
      respond: async (...asked) => {
        timing ??= await import('../watch/server-timing.ts');
        return timing.tracedAnswer(parts, ...asked);
      },
    }),
  };
}
