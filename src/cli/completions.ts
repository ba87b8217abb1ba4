import { type CommandRow, commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { commandRows, type Flag, flagsOf, type Offer, offerFor, optionFlags, serverFlags } from './flags.ts';
import { quoted, readWords } from './words.ts';

/** `plinth completions <shell>`: prints what makes a shell complete our words. Answers the exit code. */
export function completionsCommand(argv: readonly string[]): number {
  const words = readWords(argv, commands.completions.flags);
  if (words.kind === 'help') {
    process.stdout.write(helpText);
    return exitCodes.stopped;
  }
  const [shell, another] = words.kind === 'words' ? words.places : [];
  const script = shell === 'bash' ? bash() : shell === 'zsh' ? zsh() : shell === 'fish' ? fish() : undefined;
  if (script !== undefined && another === undefined) {
    process.stdout.write(script);
    return exitCodes.stopped;
  }
  const found = another === undefined ? shell : another;
  const wanted = 'wanted bash, zsh or fish';
  const message =
    words.kind === 'fault'
      ? words.message
      : found === undefined
        ? wanted
        : `found ${quoted(found)}, ${wanted}`;
  process.stderr.write(`plinth completions: ${message}\n`);
  return exitCodes.usage;
}

/** For bash from 3.2 on, which macOS has: no arrays from files, and names with spaces stay whole. */
function bash(): string {
  const rows = commandRows.map(
    ([name, row]) => `    ${name})
      flags=${bashLines(typed(takenBy(row)))}
      ${bashOffer(offerFor(row.places))}
      ;;`,
  );
  const valued = [...serverFlags, ...commandRows.flatMap(([, row]) => flagsOf(row))].filter(({ argument }) =>
    argument?.startsWith('<'),
  );
  const byOffer = new Map<string, Set<string>>();
  for (const flag of valued) {
    const offer = bashOffer(flag.offer);
    byOffer.set(offer, new Set([...(byOffer.get(offer) ?? []), ...typed([flag])]));
  }
  const values = [...byOffer].map(
    ([offer, flags]) => `    ${[...flags].join('|')})
      ${offer}
      return
      ;;`,
  );
  return `# Completions of plinth for bash: source <(plinth completions bash)
_plinth() {
  local IFS=$'\\n' flags
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # \`--flag=value\` is three words to bash.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$prev" = = ]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
${values.join('\n')}
  esac
  [ "$COMP_CWORD" -gt 1 ] || command=
  case $command in
${rows.join('\n')}
    *)
      flags=${bashLines(typed(serverFlags))}
      ${bashOffer({ kind: 'folders' })}
      ;;
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) [ "$COMP_CWORD" -gt 1 ] || COMPREPLY+=($(compgen -W ${bashLines(commandRows.map(([name]) => name))} -- "$cur")) ;;
  esac
}
complete -o filenames -F _plinth plinth
`;
}

function bashOffer(offer: Offer): string {
  switch (offer.kind) {
    case 'folders':
      return 'COMPREPLY=($(compgen -d -- "$cur"))';
    case 'files':
      return 'COMPREPLY=($(compgen -f -- "$cur"))';
    case 'words':
      return `COMPREPLY=($(compgen -W ${bashLines(offer.words)} -- "$cur"))`;
    case 'nothing':
      return ':';
    default:
      return offer satisfies never;
  }
}

function bashLines(words: readonly string[]): string {
  return `$'${words.join('\\n')}'`;
}

function takenBy(row: CommandRow): readonly Flag[] {
  return [...flagsOf(row), ...(row.takesOptions ? optionFlags : [])];
}

function typed(flags: readonly Flag[]): readonly string[] {
  return flags.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]));
}

function zsh(): string {
  const rows = commandRows.map(
    ([name, row]) => `      ${name})
        _arguments -s \\
          ${[...takenBy(row).map(zshFlag), `'1:${zshText(row.places)}:${zshOffer(offerFor(row.places))}'`].join(' \\\n          ')}
        return
        ;;`,
  );
  const names = commandRows.map(([name, { help }]) => `${name}\\:${single(help.replaceAll(' ', '\\ '))}`);
  return `#compdef plinth
# Completions of plinth for zsh: plinth completions zsh > "\${fpath[1]}/_plinth"
_plinth() {
  local state line
  typeset -A opt_args
  if (( CURRENT > 2 )); then
    local command=$words[2]
    case $command in
${rows.map(row => row.replace(/^( +\S+\))$/m, '$1\n        shift words; (( CURRENT-- ))')).join('\n')}
    esac
  fi
  _arguments -s \\
    ${serverFlags.map(zshFlag).join(' \\\n    ')} \\
    '1:folder or command:->first' \\
    '2:port: '
  if [[ $state = first ]]; then
    _alternative \\
      'commands:command:((${names.join(' ')}))' \\
      'folders:folder:_directories'
  fi
}
if [[ $funcstack[1] = _plinth ]]; then
  _plinth "$@"
else
  compdef _plinth plinth
fi
`;
}

function zshFlag({ long, short, argument, offer, help }: Flag): string {
  const told = `[${zshText(help)}]${argument === undefined ? '' : zshArgument(argument, offer)}`;
  // With the sign the value may stand behind it or be the next word.
  const name = argument?.startsWith('<') ? `${long}=` : long;
  return short === undefined ? `'${name}${told}'` : `'(${short} ${long})'{${short},${name}}'${told}'`;
}

function zshArgument(argument: string, offer: Offer): string {
  const may = argument.startsWith('[') ? '::' : ':';
  return `${may}${zshText(argument)}:${zshOffer(offer)}`;
}

function zshOffer(offer: Offer): string {
  switch (offer.kind) {
    case 'folders':
      return '_directories';
    case 'files':
      return '_files';
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'nothing':
      return ' ';
    default:
      return offer satisfies never;
  }
}

function zshText(text: string): string {
  return single(text.replace(/[\\:[\]]/g, '\\$&'));
}

/** For within single quotes. */
function single(text: string): string {
  return text.replaceAll("'", "'\\''");
}

function fish(): string {
  const names = commandRows.map(([name]) => name);
  const isServer = `not __fish_seen_subcommand_from ${names.join(' ')}`;
  const others = commandRows.filter(([, row]) => row.takesOptions !== true).map(([name]) => name);
  const takesOptions = `not __fish_seen_subcommand_from ${others.join(' ')}`;
  return [
    '# Completions of plinth for fish: plinth completions fish > ~/.config/fish/completions/plinth.fish',
    'complete -c plinth -f',
    ...commandRows.map(
      ([name, { help }]) => `complete -c plinth -n __fish_use_subcommand -a ${name} -d '${fishText(help)}'`,
    ),
    `complete -c plinth -n __fish_use_subcommand -a '(__fish_complete_directories)'`,
    ...serverFlags.map(flag => fishFlag(optionFlags.includes(flag) ? takesOptions : isServer, flag)),
    ...commandRows.flatMap(([name, row]) => {
      const condition = `__fish_seen_subcommand_from ${name}`;
      const offered = fishOffer(offerFor(row.places));
      return [
        ...(offered === '' ? [] : [`complete -c plinth -n '${condition}'${offered}`]),
        ...flagsOf(row).map(flag => fishFlag(condition, flag)),
      ];
    }),
    '',
  ].join('\n');
}

function fishFlag(condition: string, { long, short, argument, offer, help }: Flag): string {
  const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
  const value = argument?.startsWith('<') ? ` -r${fishOffer(offer) || ' -f'}` : '';
  return `complete -c plinth -n '${condition}'${letter} -l ${long.slice(2)}${value} -d '${fishText(help)}'`;
}

function fishOffer(offer: Offer): string {
  switch (offer.kind) {
    case 'folders':
      return ` -f -a '(__fish_complete_directories)'`;
    case 'files':
      return ' -F';
    case 'words':
      return ` -f -a '${offer.words.join(' ')}'`;
    case 'nothing':
      return '';
    default:
      return offer satisfies never;
  }
}

/** Within single quotes fish knows two escapes. */
function fishText(text: string): string {
  return text.replace(/[\\']/g, '\\$&');
}

const helpText = `plinth completions: what makes a shell complete the words of plinth

Usage: plinth completions <bash | zsh | fish>

  bash  source <(plinth completions bash)       in ~/.bashrc
  zsh   plinth completions zsh > "\${fpath[1]}/_plinth"
  fish  plinth completions fish > ~/.config/fish/completions/plinth.fish

  -h, --help  Show this text

Exit codes: 0 printed, 2 wrong usage
`;
