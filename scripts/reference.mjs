// Writes docs/api.md: what the package exports, with its comments. `--check` only tells whether it is current.
// The compiler writes the declarations, api-extractor (which brings the compiler that it needs) makes a model of them, and
// that is written down here as one page.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { tsImport } from 'tsx/esm/api';

/** What is there when a program runs, and what only compilers know. */
const kinds = { values: ['Function', 'Class', 'Variable'], types: ['Interface', 'TypeAlias'] };

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'api.md');
const values = Object.keys(await tsImport('../src/index.ts', import.meta.url));
const text = render(
  model().filter(({ kind, name }) => !kinds.values.includes(kind) || values.includes(name)),
);
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/api.md is not current: npm run reference');
  process.exitCode = 1;
}

/** The exports, as api-extractor describes them. */
function model() {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-reference-'));
  try {
    // Types of packages are looked for from here.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
    const require = createRequire(import.meta.url);
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    const made = spawnSync(
      process.execPath,
      [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', folder],
      { stdio: 'inherit' },
    );
    if (made.status !== 0) throw new Error('the declarations could not be made');
    return extracted(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function extracted(folder) {
  const apiJsonFilePath = join(folder, 'api.json');
  const silent = { default: { logLevel: 'none' } };
  const extractorConfig = ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, 'index.d.ts'),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023'],
            module: 'nodenext',
            strict: true,
            types: ['node'],
            skipLibCheck: true,
          },
          files: [join(folder, 'index.d.ts')],
        },
      },
      apiReport: { enabled: false },
      docModel: { enabled: true, apiJsonFilePath },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
    configObjectFullPath: undefined,
  });
  const { succeeded } = Extractor.invoke(extractorConfig, {
    localBuild: true,
    messageCallback: message => {
      // Which compiler it brings is no news.
      if (message.logLevel !== 'error') message.logLevel = 'none';
    },
  });
  if (!succeeded) throw new Error('api-extractor failed');
  const [entry] = JSON.parse(readFileSync(apiJsonFilePath, 'utf8')).members;
  return entry.members;
}

function render(members) {
  const groups = [
    ['Functions and values', kinds.values],
    ['Types', kinds.types],
  ];
  const parts = groups.map(([title, wanted]) => {
    const items = members.filter(({ kind }) => wanted.includes(kind));
    items.sort((one, other) => (one.name < other.name ? -1 : 1));
    return `## ${title}\n\n${items.map(item).join('\n')}`;
  });
  return `# What the package exports

Made by \`npm run reference\` from the comments in the sources; [library.md](library.md) tells how the functions are used,
[configuration.md](configuration.md) what the options mean.

${parts.join('\n')}`;
}

function item(entry) {
  const code = `\`\`\`ts\n${declared(entry)}\n\`\`\`\n`;
  const list = (entry.members ?? []).map(member).join('');
  return `### ${named(entry.name)}\n\n${commentOf(entry)}\n\n${code}${list === '' ? '' : `\n${list}`}`;
}

/** One member: its declaration, and what is said of it. */
function member(entry) {
  const comment = commentOf(entry).replaceAll('\n', '\n  ');
  return `- \`${declared(entry).replaceAll(/\s+/g, ' ')}\`${comment === '' ? '' : `  \n  ${comment}`}\n`;
}

function declared({ excerptTokens }) {
  const text = excerptTokens.map(token => token.text).join('');
  return named(text)
    .replace(/^export (declare )?/, '')
    .replace(/^readonly /, '')
    .replace(/;$/, '')
    .trim();
}

/** api-extractor gives a number to names that are known everywhere, such as Request. */
function named(text) {
  return text.replace(/\b([A-Z]\w*)_2\b/g, '$1');
}

/** The comment without its marks, a paragraph a line. */
function commentOf({ docComment = '' }) {
  return docComment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim()
    .split(/\n{2,}/)
    .map(paragraph => paragraph.replaceAll('\n', ' '))
    .join('\n\n');
}
