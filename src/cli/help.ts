import { options } from '../config/options.ts';
import { exitCodes } from './exit-codes.ts';
import { commandRows, type Flag, serverFlags } from './flags.ts';

/**
 * The help text, made from the table of options, in 80 columns. Without the flags that are seldom wanted it fits a screen
 * of 40 lines; the `isWhole` text has them too.
 */
export function helpText(version: string, isWhole = false): string {
  const flags = serverFlags.filter(({ isRare }) => isWhole || !isRare);
  const rows = [[`    [${options.root.key}]`, options.root.help] as const, ...flags.map(flagRow)];
  const width = Math.max(...rows.map(([flags]) => flags.length));
  const environment = Object.values(options).filter(option => option.environment.length > 0);
  return [
    `plinth ${version}: serves a folder over HTTP`,
    '',
    'Usage: plinth [root] [port] [flags]     a lone argument of digits is the port',
    '       plinth <command> --help          tells of one of these commands:',
    `       ${commandRows.map(([name]) => name).join(', ')}`,
    '',
    ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    '',
    `Environment: ${environment.map(option => option.environment.join(' or ')).join(', ')}`,
    `Exit codes: ${exitCodes.stopped} stopped, ${exitCodes.failed} could not listen, ${exitCodes.usage} wrong usage, ${exitCodes.interrupted} second Ctrl-C`,
    '',
  ].join('\n');
}

function flagRow({ short, long, argument, help }: Flag): readonly [string, string] {
  const flag = `${short === undefined ? '    ' : `${short}, `}${long}`;
  return [argument === undefined ? flag : `${flag} ${argument}`, help];
}
