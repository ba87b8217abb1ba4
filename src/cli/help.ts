import { type Action, actions, type Option, options } from '../config/options.ts';
import { type CommandRow, commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';

/** The help text, made from the table of options; fits a screen of 40 lines and 80 columns. */
export function helpText(version: string): string {
  const rows = [...Object.values(options).map(optionRow), ...actions.map(actionRow)];
  const width = Math.max(...rows.map(([flags]) => flags.length));
  const environment = Object.values(options).filter(option => option.environment.length > 0);
  return [
    `plinth ${version}: serves a folder over HTTP`,
    '',
    'Usage: plinth [root] [port] [flags]     a lone argument of digits is the port',
    ...Object.entries(commands).map(commandRow),
    '',
    ...rows.map(([flags, help]) => `  ${flags.padEnd(width)}  ${help}`),
    '',
    `Environment: ${environment.map(option => option.environment.join(' or ')).join(', ')}`,
    `Exit codes: ${exitCodes.stopped} stopped, ${exitCodes.failed} could not listen, ${exitCodes.usage} wrong usage, ${exitCodes.interrupted} second Ctrl-C`,
    '',
  ].join('\n');
}

function commandRow([name, { places, help }]: readonly [string, CommandRow]): string {
  return `       ${`plinth ${name} ${places}`.padEnd(33)}${help}`;
}

function optionRow(option: Option<unknown>): readonly [string, string] {
  if (option.flag === undefined) return [`    [${option.key}]`, option.help];
  const isOnAnyway = option.initial === true;
  const flag = `${shortOf(option.short)}--${isOnAnyway ? 'no-' : ''}${option.flag}`;
  return [option.argument === undefined ? flag : `${flag} ${option.argument}`, option.help];
}

function actionRow({ flag, short, help }: Action): readonly [string, string] {
  return [`${shortOf(short)}--${flag}`, help];
}

function shortOf(short: string | undefined): string {
  return short === undefined ? '    ' : `-${short}, `;
}
