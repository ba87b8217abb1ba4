/**
 * A Content-Security-Policy that lets scripts of this nonce run and pages connect to their own origin, and is otherwise
 * the same as far as can be: a nonce would end what `'unsafe-inline'` allows, so that it is added only where that has
 * been ended already, and `'self'` elsewhere. Several policies in one value are each changed. CSP Level 3 §2.2, §6.7.2.
 */
export function allowingOwn(value: string, nonce: string): string {
  return value
    .split(',')
    .map(policy => {
      let directives = directivesOf(policy);
      directives = widened(directives, ['script-src-elem', 'script-src', 'default-src'], own =>
        withScripts(own, nonce),
      );
      directives = widened(directives, ['connect-src', 'default-src'], withSelf);
      return directives.map(({ name, sources }) => [name, ...sources].join(' ')).join('; ');
    })
    .join(', ');
}

interface Directive {
  readonly name: string;
  readonly sources: readonly string[];
}

/** Of directives of one name only the first counts. */
function directivesOf(policy: string): readonly Directive[] {
  const directives = new Map<string, Directive>();
  for (const text of policy.split(';')) {
    const [name = '', ...sources] = text.trim().split(/[\t\n\f\r ]+/);
    const key = name.toLowerCase();
    if (key !== '' && !directives.has(key)) directives.set(key, { name: key, sources });
  }
  return [...directives.values()];
}

/** Widens the directive that governs: the first of these names that is there. What governs nothing needs nothing. */
function widened(
  directives: readonly Directive[],
  names: readonly string[],
  widen: (sources: readonly string[]) => readonly string[],
): readonly Directive[] {
  const name = names.find(wanted => directives.some(directive => directive.name === wanted));
  const governing = directives.find(directive => directive.name === name);
  if (governing === undefined) return directives;
  const sources = widen(governing.sources);
  if (sources === governing.sources) return directives;
  // The default governs more than is to be widened.
  if (governing.name === 'default-src') return [...directives, { name: names.at(-2) ?? '', sources }];
  return directives.map(directive => (directive === governing ? { ...directive, sources } : directive));
}

function withScripts(sources: readonly string[], nonce: string): readonly string[] {
  const known = `'nonce-${nonce}'`;
  if (sources.includes(known)) return sources;
  const isStrict = sources.some(source => /^'(?:strict-dynamic'|nonce-|sha(?:256|384|512)-)/i.test(source));
  return isStrict ? [...sources, known] : withSelf(sources);
}

function withSelf(sources: readonly string[]): readonly string[] {
  if (sources.some(source => source === '*' || source.toLowerCase() === "'self'")) return sources;
  return [...sources.filter(source => source.toLowerCase() !== "'none'"), "'self'"];
}
