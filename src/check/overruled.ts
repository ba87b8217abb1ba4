import { holdsHosts } from '../http/host-names.ts';
import { covers } from '../rules/covers.ts';
import { type FieldChange, type FieldRule, formatSource, type RuleFault } from '../rules/rules.ts';

/** Rules of a site that are held against others; of a site with more, the first. */
const comparedMax = 500;

/**
 * Rules about fields of which nothing is ever seen: what each of them says, a later one says anew for all the same
 * requests. The rules stand in the order in which they apply.
 */
export function overruled(rules: readonly FieldRule[]): readonly RuleFault[] {
  const compared = rules.slice(0, comparedMax);
  return compared.flatMap((rule, index) => {
    const later = compared.slice(index + 1);
    const overruling = rule.changes.map(change => later.find(other => undoes(other, change, rule)));
    const [first] = overruling;
    if (first === undefined || overruling.includes(undefined)) return [];
    const why = `never seen: ${formatSource(first.source)} (${first.from.text}) says it anew`;
    return [{ source: rule.source, why }];
  });
}

function undoes(later: FieldRule, { name }: FieldChange, rule: FieldRule): boolean {
  const lower = name.toLowerCase();
  // What an answer varies on is only ever added to.
  if (lower === 'vary') return false;
  const says = later.changes.some(
    change => (change.kind === 'set' || change.kind === 'remove') && change.name.toLowerCase() === lower,
  );
  if (!says) return false;
  if (later.hosts && !(rule.hosts && holdsHosts(later.hosts, rule.hosts))) return false;
  return covers(later.from, rule.from) === 'yes';
}
