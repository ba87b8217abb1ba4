// Writes the tables of options and limits into docs/configuration.md, from the table that the server itself reads:
// `npm run options`. With `--check` it only says whether they are as they should be.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../src/config/options.ts';
import { commentOn } from '../src/config/schema.ts';
import { defaultLimits } from '../src/http/limits.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'configuration.md');
const [library, limits] = ['options.ts', 'http/limits.ts'].map(name =>
  readFileSync(join(root, 'src', name), 'utf8'),
);

const before = readFileSync(page, 'utf8');
const after = [
  ['options', optionsTable()],
  ['limits', limitsTable()],
].reduce(filledIn, before);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/configuration.md: the tables are old; write them anew with: npm run options');
  process.exit(1);
}

function optionsTable() {
  const rows = Object.values(options).map(option => [
    option.isForFlagsOnly === true ? '' : `\`${option.key}\``,
    flagOf(option),
    option.environment.map(name => `\`${name}\``).join(', '),
    defaultOf(option),
    commentOn(option.key, library) ?? `${option.help}.`,
  ]);
  return table(['key', 'flag', 'environment', 'default', 'what it is'], rows);
}

function limitsTable() {
  const rows = Object.entries(defaultLimits).map(([name, value]) => [
    `\`${name}\``,
    value.toLocaleString('en'),
    commentOn(name, limits),
  ]);
  return table(['limit', 'default', 'what it bounds'], rows);
}

function flagOf({ flag, short, argument, initial, key }) {
  if (flag === undefined) return key === 'root' ? '1st argument' : '';
  const long = `--${initial === true ? 'no-' : ''}${flag}${argument === undefined ? '' : ` ${argument}`}`;
  return short === undefined ? `\`${long}\`` : `\`-${short}\`, \`${long}\``;
}

function defaultOf({ key, initial }) {
  if (key === 'log' || key === 'limits' || initial === undefined) return '';
  return `\`${JSON.stringify(initial)}\``;
}

function table(heads, rows) {
  return [heads, heads.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** A page with a new text between the marks of that name. */
function filledIn(text, [name, table]) {
  const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- /${name} -->)`);
  if (!between.test(text)) throw new Error(`docs/configuration.md has no place for ${name}`);
  return text.replace(between, (_, open, close) => `${open}${table}${close}`);
}
