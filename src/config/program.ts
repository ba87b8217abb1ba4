import { fileURLToPath, pathToFileURL } from 'node:url';
import { firstLine, found } from '../rules/found.ts';
import { shortPath } from './find.ts';

/** What a program exports by default, or in one line why that cannot be had. */
export type Exported =
  | { readonly kind: 'exported'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Runs a configuration that is a program and answers its default export: a function is called, a promise awaited.
 * One that settles nothing within `settleMs` is a fault. TypeScript is read by Node itself where it can, else by jiti, which is loaded for that alone. `plinth` is what the
 * program gets for that name where it is not installed beside it.
 */
export async function runConfig(
  path: string,
  plinth: () => Promise<object>,
  settleMs: number = settleMaxMs,
): Promise<Exported> {
  const name = firstLine(shortPath(path));
  let guard: NodeJS.Timeout | undefined;
  const late = new Promise<Exported>(resolve => {
    const message = `${name}: gave nothing within ${settleMs / 1000} s`;
    guard = setTimeout(resolve, settleMs, { kind: 'fault', message });
  });
  try {
    return await Promise.race([exportOf(path, plinth), late]);
  } catch (error) {
    return { kind: 'fault', message: located(error, name) };
  } finally {
    clearTimeout(guard);
  }
}

const settleMaxMs = 10_000;

async function exportOf(path: string, plinth: () => Promise<object>): Promise<Exported> {
  const module = await quietly(() => load(path, plinth));
  if (!('default' in module) || isUntouched(module)) {
    const names = Object.keys('default' in module ? {} : module)
      .map(found)
      .join(', ');
    const message = `${firstLine(shortPath(path))}: exports ${names === '' ? 'nothing' : names}, wanted export default`;
    return { kind: 'fault', message };
  }
  const value: unknown = await module.default;
  return { kind: 'exported', value: typeof value === 'function' ? await value() : value };
}

/** Whether it is a CommonJS module that has left its exports as they were: no word of a configuration. */
function isUntouched(module: { readonly default?: unknown }): boolean {
  const given = Object(module.default);
  return 'module.exports' in module && module.default === given && Reflect.ownKeys(given).length === 0;
}

async function load(path: string, plinth: () => Promise<object>): Promise<{ readonly default?: unknown }> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    // What has run until it threw is not run once more.
    if (placeOf(error) !== undefined && !isForeign(error)) throw error;
    const { createJiti } = await import('jiti/static');
    const jiti = createJiti(path, {
      fsCache: false,
      interopDefault: false,
      virtualModules: { plinth: await plinth() },
    });
    return await jiti.import(path);
  }
}

/** Whether Node has refused TypeScript: what is more than types to be left out, such as an enum, or no TypeScript at all. */
function isForeign(error: unknown): boolean {
  return /^ERR_\w+_TYPESCRIPT_SYNTAX$/.test(String(Object(error).code));
}

/** Without Node's advice to whoever owns the folder's package.json: it costs them nothing worth four lines a start. */
async function quietly<Value>(run: () => Promise<Value>): Promise<Value> {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    const isAdvice = rest.some(one => Object(one).code === 'MODULE_TYPELESS_PACKAGE_JSON');
    if (!isAdvice) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await run();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** An error of somebody else's program in one line, with the place where it comes from. */
function located(error: unknown, name: string): string {
  if (!(error instanceof Error)) return `${name}: threw ${found(error)}`;
  const { code, message } = error as NodeJS.ErrnoException;
  const [, parsing, file, line] = /^ParseError: (.*?)\s*\n\s*(.+):(\d+):\d+\s*$/s.exec(message) ?? [];
  if (parsing !== undefined) return `${firstLine(shortPath(file ?? ''))}:${line}: ${firstLine(parsing)}`;
  if (code === 'MODULE_NOT_FOUND') return `${name}: ${firstLine(message)}`;
  const place = placeOf(error);
  return `${place === undefined ? name : firstLine(place)}: threw ${firstLine(`${error.name}: ${message}`)}`;
}

/** File and line of the first step of an error's stack that is neither ours nor a library's; undefined when it tells of none. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? String(error.stack) : '';
  // What cannot be linked is told in a first line of its own, the rest in steps.
  const places = stack.matchAll(/^(?:\s+at (?:.*\()?)?((?:file:\/\/\/|\/|[A-Z]:\\).*?):(\d+)(?::\d+\)?)?$/gm);
  for (const [, file = '', line] of places) {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    // Whoever called us has no part in it.
    if (path === import.meta.filename) return undefined;
    if (!/[\\/]node_modules[\\/]/.test(path)) return `${shortPath(path)}:${line}`;
  }
  return undefined;
}
