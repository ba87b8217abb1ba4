import { options } from '../config/options.ts';
import type { CommandRow } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { commandRows, type Flag, flagsOf, serverFlags } from './flags.ts';

/** The man page in roff, made from the tables of options and commands; `npm run build` writes it to `dist/plinth.1`. */
export function manPage(version: string): string {
  return [
    `.TH PLINTH 1 "" "plinth ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    'plinth \\- serves a folder over HTTP',
    '.SH SYNOPSIS',
    '.B plinth',
    `.RI [ root ] " " [ port ] " " [ flags ]`,
    ...commandRows.flatMap(([name, { places }]) => [
      '.br',
      '.B plinth',
      `${bold(name)} ${placesText(places)}`,
    ]),
    '.SH DESCRIPTION',
    escaped(
      'Serves the files of a folder, the current one unless another is named, over HTTP/1.1 and, with TLS, HTTP/2. A lone ' +
        'argument of digits is the port. It listens on this machine only, unless --host says otherwise. What is set by a flag goes before ' +
        'what the environment says.',
    ),
    paragraph(
      'A word in the first place that is the name of a command below means the command; a folder of that name is served as ./name.',
    ),
    '.SH OPTIONS',
    ...serverFlags.flatMap(flagLines),
    '.SH COMMANDS',
    ...commandRows.flatMap(commandLines),
    '.SH ENVIRONMENT',
    ...Object.values(options).flatMap(({ environment, help }) =>
      environment.length === 0 ? [] : ['.TP', environment.map(bold).join(' or '), sentence(help)],
    ),
    '.TP',
    bold('NO_COLOR'),
    'No colours, even on a terminal.',
    '.SH EXIT STATUS',
    ...statuses.flatMap(([code, meaning]) => ['.TP', bold(String(code)), meaning]),
    '.SH EXAMPLES',
    ...examples.flatMap(([words, meaning]) => ['.TP', bold(words), meaning]),
    '.SH SEE ALSO',
    '.BR curl (1),',
    '.BR nginx (8)',
    '',
  ].join('\n');
}

function flagLines({ short, long, argument, help }: Flag): readonly string[] {
  const names = short === undefined ? bold(long) : `${bold(short)}, ${bold(long)}`;
  return ['.TP', argument === undefined ? names : `${names} ${placesText(argument)}`, sentence(help)];
}

function commandLines([name, row]: readonly [string, CommandRow]): readonly string[] {
  return [
    '.SS',
    `${bold(`plinth ${name}`)} ${placesText(row.places)}`,
    sentence(row.help),
    ...(row.takesOptions
      ? [sentence('it takes the flags of the server that say what it is to do, too')]
      : []),
    ...flagsOf(row).flatMap(flagLines),
  ];
}

/** What a reader fills in, in italics; the brackets of what may be left out stay. */
function placesText(places: string): string {
  return places
    .replace(/<([^>]*)>/g, (_, name: string) => `\u0001${name}\u0002`)
    .replace(/\[([^\]]*)\]/g, (_, name: string) => `[\u0001${name}\u0002]`)
    .split(/[\u0001\u0002]/)
    .map((text, index) => (index % 2 === 1 ? `\\fI${escaped(text)}\\fR` : escaped(text)))
    .join('');
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

function paragraph(text: string): string {
  return `.PP\n${escaped(text)}`;
}

function sentence(text: string): string {
  return escaped(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`);
}

/** A hyphen is to be a minus that can be copied, and no text is to begin a macro. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(
      /[^\x20-\x7e]/g,
      character => `\\[u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^[.']/, '\\&$&');
}

const statuses: readonly (readonly [number, string])[] = [
  [exitCodes.stopped, 'Stopped by a signal, or a command that found all well.'],
  [exitCodes.failed, 'The server could not listen, or a command failed or found a fault.'],
  [exitCodes.usage, 'The command line, the environment or the folder cannot be used; nothing was started.'],
  [exitCodes.interrupted, 'A second Ctrl\\-C: ended at once.'],
];

const examples: readonly (readonly [string, string])[] = [
  ['plinth dist', 'Serves the folder dist on port 8080, or the next free one.'],
  ['plinth 9000', 'Serves the current folder on port 9000.'],
  ['plinth dist 80 --host', 'Serves to the network, on every address.'],
  ['plinth doctor https://example.org/', 'Looks through a site for what is wrong.'],
];
