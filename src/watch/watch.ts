/**
 * watch/: one request, watched on its way through a handler from outside of everything that decides. `explain/` puts what
 * is seen in words, `server-timing.ts` in a field; a server that nobody asks for reasons has none of it.
 */
import type { Declared, Finisher, Gate, Rewrite } from '../features/feature.ts';
import type { FieldLine, Response, StoredFile } from '../http/message.ts';
import { formatPath, type Target } from '../http/target.ts';
import type { Routed } from '../rules/routing.ts';
import { formatSource, type RuleUse, type TellRule } from '../rules/rules.ts';
import type { HandlerParts } from '../server/handler.ts';
import type { Representation } from '../site/represent.ts';
import type { Selected } from '../site/select.ts';
import type { Trace } from '../site/trace.ts';
import type { Variant } from '../site/variants.ts';
import type { Entry, Look, Store } from '../store/store.ts';

/** A feature that a request went through, or a rule that applies to it, and what it did in a few words. */
export interface Passed {
  /** Of a rule: the file and the line. */
  readonly name: string;
  /** Undefined when it let the request pass as it was. */
  readonly did: string | undefined;
}

/** One look-up. */
export interface Seen {
  /** Below the root, with a slash in front. */
  readonly path: string;
  readonly found: Entry['kind'] | 'members';
  /** Why what is there must not be seen. */
  readonly why: string | undefined;
}

/** A step that took its time. */
export interface Span {
  readonly kind: 'guard' | 'gate' | 'rewrite' | 'look' | 'fields';
  /** The feature, or the path that was looked at. */
  readonly name: string;
  /** What came of it; undefined when it changed nothing. */
  readonly did: string | undefined;
  readonly tookMs: number;
}

/** A field line and who set it: the place of a rule, the name of a feature, or 'site'. */
export interface SignedField {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** Watches one request on its way through a handler, from outside of everything that decides. */
export class Watch {
  readonly guards: Passed[] = [];
  readonly gates: Passed[] = [];
  readonly rewrites: Passed[] = [];
  /** The steps in the order in which they ended; the first of them, if there are very many. */
  readonly spans: Span[] = [];
  readonly #now: () => number;
  #looks: (Seen & { readonly location: string | undefined })[] = [];
  #signatures: {
    readonly by: string;
    readonly before: readonly FieldLine[];
    readonly after: readonly FieldLine[];
    readonly uses: readonly RuleUse[];
  }[] = [];
  #uses: RuleUse[] = [];
  #early: { readonly by: string; readonly fields: readonly FieldLine[] } | undefined;
  #target: Target | undefined;
  #variant: Variant | undefined;
  #selected: Selected | undefined;
  #representation: Representation | undefined;

  /** `now`: milliseconds of a clock that is never set back; without one, no step takes any time. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  /** The target as gates see it; undefined when it could not be read. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** Undefined where no file could be sent in the stead of another. */
  get variant(): Variant | undefined {
    return this.#variant;
  }

  get selected(): Selected | undefined {
    return this.#selected;
  }

  get representation(): Representation | undefined {
    return this.#representation;
  }

  get looks(): readonly Seen[] {
    return this.#looks.map(({ path, found, why }) => ({ path, found, why }));
  }

  /** The rules that apply, each once. */
  get rules(): readonly Passed[] {
    const told = this.#uses.map(({ source, did }) => [formatSource(source), did] as const);
    return [...new Map(told.map(([name, did]) => [`${name}\n${did}`, { name, did }])).values()];
  }

  /** Takes note of a rule that applies. */
  readonly ruled: TellRule = use => {
    this.#uses.push(use);
  };

  /** The same parts, each telling what it does. */
  over(parts: HandlerParts): HandlerParts {
    return {
      ...parts,
      guards: (parts.guards ?? []).map((guard, index) =>
        this.#gate(guard, nameOf(guard, 'guard', index), this.guards),
      ),
      ...(parts.reach && { reach: this.#reach(parts.reach) }),
      gates: parts.gates.map((gate, index) => this.#gate(gate, nameOf(gate, 'gate', index), this.gates)),
      rewrites: parts.rewrites.map((rewrite, index) =>
        this.#rewrite(rewrite, nameOf(rewrite, 'rewrite', index)),
      ),
      finishers: parts.finishers.map((finisher, index) =>
        this.#finisher(finisher, nameOf(finisher, 'finisher', index)),
      ),
      site: {
        ...parts.site,
        store: this.#store(parts.site.store),
        trace: step => this.#trace(step),
      },
    };
  }

  /** Where a file was found; its location when it was not looked for. */
  pathOf(file: StoredFile): string {
    return this.#looks.find(({ location }) => location === file.location)?.path ?? file.location;
  }

  /** Fields of an answer with who set each: the last finisher that it came from, else the gate, else the site. */
  signed(fields: readonly FieldLine[]): readonly SignedField[] {
    return fields.map(([name, value]) => {
      const early = this.#early;
      const first = early !== undefined && has(early.fields, name, value) ? early.by : 'site';
      const setter = this.#signatures.findLast(
        ({ before, after }) => has(after, name, value) && !has(before, name, value),
      );
      return { name, value, from: setter === undefined ? first : setterOf(setter, name) };
    });
  }

  #trace(step: Parameters<Trace>[0]): void {
    switch (step.kind) {
      case 'route': {
        const did = step.isFollowed
          ? followed(step.routed)
          : 'is for this path, but what stands there goes first';
        this.ruled({ source: step.routed.source, did, fields: [] });
        return;
      }
      case 'single file': {
        this.ruled({ source: step.source, did: 'shows the only file of the folder', fields: [] });
        return;
      }
      case 'variant':
        this.#variant = step.variant;
        return;
      case 'form':
        this.#selected = step.selected;
        return;
      case 'representation':
        this.#representation = step.representation;
        return;
      default:
        step satisfies never;
    }
  }

  #gate(gate: Gate, name: string, passed: Passed[]): Gate {
    const kind = passed === this.guards ? 'guard' : 'gate';
    return request => {
      this.#target ??= request.target;
      const startedMs = this.#now();
      const note = (answered: Response | undefined): Response | undefined => {
        if (answered !== undefined) this.#early = { by: name, fields: answered.fields };
        const did = answered && `answers ${answered.status}`;
        passed.push({ name, did });
        this.#span(kind, name, did, startedMs);
        return answered;
      };
      const answered = gate(request);
      return answered !== undefined && 'then' in answered ? answered.then(note) : note(answered);
    };
  }

  /** What is out of reach is not even looked for, so that only this tells of it. */
  #reach(reach: NonNullable<HandlerParts['reach']>): NonNullable<HandlerParts['reach']> {
    return request => {
      const holds = reach(request);
      if (holds === undefined) return undefined;
      return segments => {
        const isHeld = holds(segments);
        if (!isHeld) this.#note(segments, { kind: 'denied', why: 'it is behind a guard' });
        return isHeld;
      };
    };
  }

  #rewrite(rewrite: Rewrite, name: string): Rewrite {
    return target => {
      const startedMs = this.#now();
      const rewritten = rewrite(target);
      const isOther = rewritten !== target && rewritten.kind === 'path';
      const did = isOther ? `leads to /${rewritten.segments.join('/')}` : undefined;
      this.rewrites.push({ name, did });
      this.#span('rewrite', name, did, startedMs);
      return rewritten;
    };
  }

  #finisher(finisher: Finisher, name: string): Finisher {
    return (request, response) => {
      const usesBefore = this.#uses.length;
      const startedMs = this.#now();
      const finished = finisher(request, response);
      this.#span('fields', name, finished === response ? undefined : 'sets fields', startedMs);
      const uses = this.#uses.slice(usesBefore);
      this.#signatures.push({ by: name, before: response.fields, after: finished.fields, uses });
      return finished;
    };
  }

  #store(store: Store): Store {
    const noting = store.noting?.bind(store);
    const scan = store.scan?.bind(store);
    return {
      find: async segments => {
        const startedMs = this.#now();
        const entry = await store.find(segments);
        this.#note(segments, entry, startedMs);
        return entry;
      },
      list: async segments => {
        const startedMs = this.#now();
        const listing = await store.list(segments);
        this.#note(segments, listing, startedMs);
        return listing;
      },
      ...(scan && {
        scan: async (segments, namesMax) => {
          const startedMs = this.#now();
          const found = await scan(segments, namesMax);
          this.#note(segments, found.kind === 'names' ? { kind: 'members' } : found, startedMs);
          return found;
        },
      }),
      open: file => store.open(file),
      ...(noting && { noting: (looks: Look[]) => this.#store(noting(looks)) }),
    };
  }

  #span(kind: Span['kind'], name: string, did: string | undefined, startedMs: number): void {
    if (this.spans.length < spansMax) this.spans.push({ kind, name, did, tookMs: this.#now() - startedMs });
  }

  #note(
    segments: readonly string[],
    entry: Entry | { readonly kind: 'members' },
    startedMs = this.#now(),
  ): void {
    // An answer whose fields forbid another coding is made once more: what was seen before is then over.
    if (this.#signatures.length > 0) {
      this.#looks = [];
      this.#signatures = [];
    }
    const path = `/${segments.join('/')}`;
    const why = entry.kind === 'denied' ? entry.why : undefined;
    this.#span('look', path, why === undefined ? entry.kind : `${entry.kind}, ${why}`, startedMs);
    this.#looks.push({
      path,
      found: entry.kind,
      why,
      location: entry.kind === 'file' ? entry.file.location : undefined,
    });
  }
}

/** Steps of one request that are told of one by one: an archive asks for each of its members. */
const spansMax = 100;

function followed({ action }: Routed): string {
  switch (action.kind) {
    case 'redirect':
      return `leads to ${action.location} with ${action.status}`;
    case 'rewrite': {
      const path = formatPath(action.target.segments, action.target.endsInSlash);
      return action.status === 200 ? `shows ${path}` : `shows ${path} with ${action.status}`;
    }
    case 'refuse':
      return `answers ${action.status}`;
    default:
      return action satisfies never;
  }
}

/** The places of the rules that a finisher followed, where it follows rules; its name otherwise. */
function setterOf(
  { by, uses }: { readonly by: string; readonly uses: readonly RuleUse[] },
  name: string,
): string {
  const sources = uses.filter(({ fields }) => fields.includes(name.toLowerCase()));
  return sources.map(({ source }) => formatSource(source)).join(', ') || by;
}

function nameOf(feature: Declared, kind: string, index: number): string {
  return feature.title ?? `${kind} ${index + 1}`;
}

function has(fields: readonly FieldLine[], name: string, value: string): boolean {
  return fields.some(([otherName, otherValue]) => otherName === name && otherValue === value);
}
