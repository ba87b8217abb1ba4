import type { Routed } from '../rules/routing.ts';
import type { RuleSource } from '../rules/rules.ts';
import type { Representation } from './represent.ts';
import type { Selected } from './select.ts';
import type { Variant } from './variants.ts';

/** A step of a decision that cannot be seen in the look-ups before it and the answer behind it. */
type TraceStep =
  /** The route of a request; one that is not followed leaves the answer to what stands there. */
  | { readonly kind: 'route'; readonly routed: Routed; readonly isFollowed: boolean }
  /** The one file of a folder is shown in its listing's stead. */
  | { readonly kind: 'single file'; readonly source: RuleSource }
  /** The one of several files that stand for the same thing; where there is nothing to decide, nothing is told. */
  | { readonly kind: 'variant'; readonly variant: Variant }
  | { readonly kind: 'form'; readonly selected: Selected }
  | { readonly kind: 'representation'; readonly representation: Representation };

/** Is told of the steps of a decision as they are made, where somebody wants them explained. */
export type Trace = (step: TraceStep) => void;
