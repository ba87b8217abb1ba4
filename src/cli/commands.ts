import type { CommandFlag } from './words.ts';

/** One command beside the server. Help, man page and completions are made from these rows. */
export interface CommandRow {
  /** What stands after the name: `<must>` or `[may]`. */
  readonly places: string;
  /** One line of help. */
  readonly help: string;
  readonly flags: readonly CommandFlag[];
  /** Whether it takes those of the server, too. */
  readonly takesOptions?: boolean;
}

/** The commands, in the order of the help text. The first word of the command line is one of these names. */
export const commands: Readonly<
  Record<'precompress' | 'check' | 'reload' | 'doctor' | 'explain' | 'trust' | 'completions', CommandRow>
> = {
  precompress: {
    places: '<folder>',
    help: 'stores files in br, zstd and gzip too',
    flags: [{ flag: 'quiet', short: 'q', help: 'Say only what goes wrong' }],
  },
  check: {
    places: '[root]',
    help: 'tells what is wrong with the rules',
    flags: [{ flag: 'json', help: 'Report as JSON' }],
    takesOptions: true,
  },
  reload: { places: '[port]', help: 'renews the workers of a running server', flags: [] },
  doctor: {
    places: '<url>',
    help: 'looks through a site for what is wrong',
    flags: [
      { flag: 'json', help: 'Report as JSON' },
      { flag: 'quiet', short: 'q', help: 'Tell of faults only, and show no progress' },
    ],
  },
  explain: {
    places: '<url|path>',
    help: 'tells what happens to one request',
    flags: [
      {
        flag: 'header',
        argument: '<line>',
        help: "Send this field too, or instead: 'Accept-Encoding: br'",
      },
      { flag: 'json', help: 'Tell it as JSON' },
    ],
    takesOptions: true,
  },
  trust: {
    places: '',
    help: 'has this machine trust --tls',
    flags: [
      { flag: 'uninstall', help: 'Have it forgotten again' },
      { flag: 'dry-run', help: 'Show the commands, and run none of them' },
    ],
  },
  completions: { places: '<shell>', help: 'prints completions for bash, zsh, fish', flags: [] },
};
