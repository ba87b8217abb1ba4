// Completions as real shells see them, and the man page as its formatter does; both made from the tables.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { commandRows, flagsOf, serverFlags } from '../../src/cli/flags.ts';
import { manPage } from '../../src/cli/man.ts';
import { skipWithout } from '../faults/process.ts';
import { plinth, scratch } from './command.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

const scripts = new Map<string, string>();

before(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await plinth(['completions', shell]).ended;
    assert.deepEqual([code, stderr], [0, '']);
    scripts.set(shell, stdout);
    writeFileSync(pathOf(shell), stdout);
  }
  for (const folder of ['dist', 'my site', 'docs']) mkdirSync(join(scratch, folder));
  writeFileSync(join(scratch, 'door.txt'), '');
});

function pathOf(shell: string): string {
  return join(scratch, `completions.${shell}`);
}

/** What bash offers for the last of these words; words are split at `=` as bash does. */
function offered(...words: readonly string[]): readonly string[] {
  const line = `
    source "$0"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _plinth
    printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p plinth >&2`;
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['--norc', '-c', line, pathOf('bash'), 'plinth', ...words],
    {
      cwd: scratch,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, 'complete -o filenames -F _plinth plinth\n');
  return stdout.split('\n').filter(word => word !== '');
}

test('bash completes commands and folders, flags, and the values of flags', () => {
  const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['do'], ['docs', 'doctor']],
    [['my'], ['my site']],
    [['docs', 'm'], ['my site']],
    [['--lo'], ['--log']],
    [
      ['dist', '--no-c'],
      ['--no-clean-urls', '--no-compress'],
    ],
    [
      ['--log', ''],
      ['human', 'combined', 'json', 'off'],
    ],
    [['--log', 'h'], ['human']],
    [
      ['--log', '='],
      ['human', 'combined', 'json', 'off'],
    ],
    [['--log', '=', 'j'], ['json']],
    [['--cache-dir', 'di'], ['dist']],
    [['--port', '8'], []],
    [['-w', 'a'], ['auto']],
    [
      ['doctor', '--'],
      ['--json', '--quiet', '--help'],
    ],
    [['doctor', 'd'], []],
    [
      ['precompress', 'd'],
      ['dist', 'docs'],
    ],
    [
      ['completions', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['explain', '--header', 'x'], []],
    [
      ['check', 'd'],
      ['dist', 'docs'],
    ],
    [
      ['check', 'site', '--no-c'],
      ['--no-clean-urls', '--no-compress'],
    ],
    [['explain', '/', '--tls-cl'], ['--tls-client-ca']],
    [['--tls-client-ca', 'doo'], ['door.txt']],
    [['check', '--auth', 'doo'], ['door.txt']],
    [
      ['reload', '-'],
      ['-h', '--help'],
    ],
  ];
  for (const [words, expected] of rows) {
    assert.deepEqual([...offered(...words)].sort(), [...expected].sort(), words.join(' '));
  }
});

/** What other shells offer for a line, in order. */
const offers: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['plinth do', ['docs/', 'doctor']],
  ['plinth --lo', ['--log']],
  ['plinth dist --no-c', ['--no-clean-urls', '--no-compress']],
  ['plinth --log ', ['combined', 'human', 'json', 'off']],
  ['plinth doctor --', ['--help', '--json', '--quiet']],
  ['plinth check d', ['dist/', 'docs/']],
  ['plinth precompress d', ['dist/', 'docs/']],
  ['plinth completions ', ['bash', 'fish', 'zsh']],
  ['plinth -w ', ['auto']],
  ['plinth check --no-c', ['--no-clean-urls', '--no-compress']],
  ['plinth explain --tls-cl', ['--tls-client-ca']],
  ['plinth --tls-client-ca doo', ['door.txt']],
];

test('zsh completes them too', { skip: skipWithout('zsh', 'zsh'), timeout: 60_000 }, async () => {
  const shell = new PseudoTerminal('exec zsh -f -i');
  const begin = [
    'autoload -U compinit',
    'compinit -u -D',
    `source ${pathOf('zsh')}`,
    "zstyle ':completion:*' verbose no",
    "PROMPT='ne''xt> '",
  ];
  shell.type(`${begin.join('; ')}\r`);
  await shell.shows(/next> /);
  for (const [line, expected] of [...offers, ['plinth --log=j', ['json']] as const]) {
    const from = shell.screen.length;
    // At the end of a line Ctrl-D lists what may come, and the cursor then goes back up; Ctrl-U empties the line.
    shell.type(`${line}\x04`);
    const [, list = ''] = await shell.shows(/\r\r\n([\s\S]*?)\x1b\[A/, from);
    assert.deepEqual(list.replaceAll('\x1b[J', '').trim().split(/\s+/).sort(), expected, line);
    const given = shell.screen.length;
    shell.type('\x15\r');
    await shell.shows(/next> /, given);
  }
  shell.close();
});

test('fish completes them too', { skip: skipWithout('fish', 'fish') }, () => {
  for (const [line, expected] of [...offers, ['plinth --log=j', ['--log=json']] as const]) {
    const words = ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', pathOf('fish'), line];
    const { stdout, stderr, status } = spawnSync('fish', words, { cwd: scratch, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], line);
    const offered = stdout.split('\n').flatMap(text => text.split('\t')[0] || []);
    assert.deepEqual(offered.sort(), expected, line);
  }
});

test('every script has every command and every flag, and can be read by its shell where that is here', () => {
  for (const [shell, script] of scripts) {
    for (const [name, row] of commandRows) {
      assert.match(script, new RegExp(`\\b${name}\\b`), shell);
      for (const { long } of flagsOf(row))
        assert.ok(script.includes(shell === 'fish' ? ` -l ${long.slice(2)} ` : long), long);
    }
    for (const { long } of serverFlags)
      assert.ok(script.includes(shell === 'fish' ? ` -l ${long.slice(2)} ` : long), long);
    // One quote that is not closed swallows the rest.
    assert.equal((script.replace(/\\./g, '').match(/'/g)?.length ?? 0) % 2, 0, shell);
    const { error, status, stderr } = spawnSync(shell, ['-n', pathOf(shell)], { encoding: 'utf8' });
    if (error === undefined) assert.equal(status, 0, stderr);
    else assert.ok(shell !== 'bash' && !process.env.CI, `${shell} is needed`);
  }
});

test('what is no shell that is known is exit code 2 and one line', async () => {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[], 'wanted bash, zsh or fish'],
    [['tcsh'], 'found "tcsh", wanted bash, zsh or fish'],
    [['bash', 'fish'], 'found "fish", wanted bash, zsh or fish'],
    [['--hlep'], 'unknown flag "--hlep"; did you mean --help?'],
  ];
  for (const [words, message] of rows) {
    const ended = await plinth(['completions', ...words]).ended;
    assert.deepEqual(ended, { code: 2, stdout: '', stderr: `plinth completions: ${message}\n` });
  }
});

test('the help of each command fits a screen, and says of its flags what the tables say', async () => {
  const helps = await Promise.all(commandRows.map(([name]) => plinth([name, '--help']).ended));
  for (const [index, [name, row]] of commandRows.entries()) {
    const { code = 1, stdout = '', stderr = '' } = helps[index] ?? {};
    assert.deepEqual([code, stderr], [0, ''], name);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 24, `${name}: ${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
    for (const { help } of row.flags) assert.ok(stdout.includes(`  ${help}\n`), `${name}: ${help}`);
  }
});

test('what is said of a flag is a sentence that begins with a word of ours', () => {
  for (const { help } of serverFlags) assert.match(help, /^[A-Z]/);
});

test('the man page has every command, flag and variable', () => {
  const page = manPage('1.2.3-beta');
  const lines = page.split('\n');
  assert.match(lines[0] ?? '', /^\.TH PLINTH 1 "" "plinth 1\.2\.3\\-beta" "User Commands"$/);
  for (const [name] of commandRows) assert.ok(page.includes(`\\fBplinth ${name}\\fR`), name);
  for (const { long } of [...serverFlags, ...commandRows.flatMap(([, row]) => flagsOf(row))]) {
    assert.ok(page.includes(`\\fB${long.replaceAll('-', '\\-')}\\fR`), long);
  }
  assert.equal(
    page.match(/^It takes the flags of the server that say what it is to do, too\.$/gm)?.length,
    2,
  );
  for (const name of ['PLINTH_PORT', 'HOST', 'NO_COLOR']) assert.ok(page.includes(`\\fB${name}\\fR`), name);
  const macros = lines.filter(line => /^['.]/.test(line)).map(line => line.slice(1).split(' ', 1)[0]);
  assert.deepEqual([...new Set(macros)].sort(), ['B', 'BR', 'PP', 'RI', 'SH', 'SS', 'TH', 'TP', 'br']);
  assert.deepEqual(
    page.match(/^\.SH .*$/gm)?.map(line => line.slice(4)),
    [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'COMMANDS',
      'ENVIRONMENT',
      'EXIT STATUS',
      'EXAMPLES',
      'SEE ALSO',
    ],
  );
  assert.match(page, /^[\x20-\x7e\n]*$/);
  assert.doesNotMatch(page, /\n\n/);
});

const formatters: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['groff', ['-man', '-ww', '-z', '-Tutf8']],
  ['mandoc', ['-Tlint', '-Wwarning']],
];
for (const [name, flags] of formatters) {
  test(`${name} has no complaint of the man page`, { skip: skipWithout(name, name) }, () => {
    const input = manPage('1.2.3-beta');
    const { error, stdout, stderr } = spawnSync(name, flags, { input, encoding: 'utf8' });
    assert.equal(error, undefined);
    // It is made of the tables whenever it is asked for, and has no date.
    assert.equal(`${stdout}${stderr}`.replace(/^.* missing date.*\n/m, ''), '');
  });
}
