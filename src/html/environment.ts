/** The values whose names begin with one of these, in the order of their names, so that equal ones give equal pages. */
export function allowedValues(
  environment: Readonly<Record<string, string | undefined>>,
  prefixes: readonly string[],
): ReadonlyMap<string, string> {
  const allowed = Object.entries(environment)
    .flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))
    .filter(([name]) => prefixes.some(prefix => name.startsWith(prefix)))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map(allowed);
}

/** The contents of `<meta name="env:NAME">`, by that whole name. */
export function environmentMetas(values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...values].map(([name, value]) => [`env:${name}`, value]));
}

/** A script in ASCII that sets `window.__ENV__` to an object of these values, and does nothing else. */
export function environmentScript(values: ReadonlyMap<string, string>): string {
  // Control characters, quotes and the like are escaped by JSON; what is not ASCII, and what could end a script, here.
  const json = JSON.stringify(Object.fromEntries(values)).replace(
    /[^ !-%'-;=?-~]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `window.__ENV__ = Object.freeze(${json});\n`;
}
