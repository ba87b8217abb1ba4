import type { Declared, Finisher, Gate, Rewrite } from '../features/feature.ts';
import type { FieldLine, StoredFile } from '../http/message.ts';
import type { Target } from '../http/target.ts';
import type { HandlerParts } from '../server/handler.ts';
import type { Representation } from '../site/represent.ts';
import type { Selected } from '../site/select.ts';
import type { Entry, Store } from '../store/store.ts';

/** A feature that a request went through, and what it did in a few words. */
export interface Passed {
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

/** A field line and who set it: the name of a finisher, or 'site'. */
export interface SignedField {
  readonly name: string;
  readonly value: string;
  readonly from: string;
}

/** Watches one request on its way through a handler, from outside of everything that decides. */
export class Watch {
  readonly gates: Passed[] = [];
  readonly rewrites: Passed[] = [];
  #looks: (Seen & { readonly location: string | undefined })[] = [];
  #signatures: {
    readonly by: string;
    readonly before: readonly FieldLine[];
    readonly after: readonly FieldLine[];
  }[] = [];
  #target: Target | undefined;
  #selected: Selected | undefined;
  #representation: Representation | undefined;

  /** The target as gates see it; undefined when it could not be read. */
  get target(): Target | undefined {
    return this.#target;
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

  /** The same parts, each telling what it does. */
  over(parts: HandlerParts): HandlerParts {
    return {
      ...parts,
      gates: parts.gates.map((gate, index) => this.#gate(gate, nameOf(gate, 'gate', index))),
      rewrites: parts.rewrites.map((rewrite, index) =>
        this.#rewrite(rewrite, nameOf(rewrite, 'rewrite', index)),
      ),
      finishers: parts.finishers.map((finisher, index) =>
        this.#finisher(finisher, nameOf(finisher, 'finisher', index)),
      ),
      site: {
        ...parts.site,
        store: this.#store(parts.site.store),
        trace: step => {
          if (step.kind === 'form') this.#selected = step.selected;
          else this.#representation = step.representation;
        },
      },
    };
  }

  /** Where a file was found; its location when it was not looked for. */
  pathOf(file: StoredFile): string {
    return this.#looks.find(({ location }) => location === file.location)?.path ?? file.location;
  }

  /** Fields of an answer with who set each: the last finisher that it came from, else the site. */
  signed(fields: readonly FieldLine[]): readonly SignedField[] {
    return fields.map(([name, value]) => {
      const setter = this.#signatures.findLast(
        ({ before, after }) => has(after, name, value) && !has(before, name, value),
      );
      return { name, value, from: setter?.by ?? 'site' };
    });
  }

  #gate(gate: Gate, name: string): Gate {
    return request => {
      this.#target ??= request.target;
      const answered = gate(request);
      this.gates.push({ name, did: answered && `answers ${answered.status}` });
      return answered;
    };
  }

  #rewrite(rewrite: Rewrite, name: string): Rewrite {
    return target => {
      const rewritten = rewrite(target);
      const isOther = rewritten !== target && rewritten.kind === 'path';
      this.rewrites.push({ name, did: isOther ? `leads to /${rewritten.segments.join('/')}` : undefined });
      return rewritten;
    };
  }

  #finisher(finisher: Finisher, name: string): Finisher {
    return (request, response) => {
      const finished = finisher(request, response);
      this.#signatures.push({ by: name, before: response.fields, after: finished.fields });
      return finished;
    };
  }

  #store(store: Store): Store {
    const note = (segments: readonly string[], entry: Entry | { readonly kind: 'members' }): void => {
      // An answer whose fields forbid another coding is made once more: what was seen before is then over.
      if (this.#signatures.length > 0) {
        this.#looks = [];
        this.#signatures = [];
      }
      this.#looks.push({
        path: `/${segments.join('/')}`,
        found: entry.kind,
        why: entry.kind === 'denied' ? entry.why : undefined,
        location: entry.kind === 'file' ? entry.file.location : undefined,
      });
    };
    return {
      find: async segments => {
        const entry = await store.find(segments);
        note(segments, entry);
        return entry;
      },
      list: async segments => {
        const listing = await store.list(segments);
        note(segments, listing);
        return listing;
      },
      open: file => store.open(file),
    };
  }
}

function nameOf(feature: Declared, kind: string, index: number): string {
  return feature.title ?? `${kind} ${index + 1}`;
}

function has(fields: readonly FieldLine[], name: string, value: string): boolean {
  return fields.some(([otherName, otherValue]) => otherName === name && otherValue === value);
}
