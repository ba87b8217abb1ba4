/** What the command line of the bench may say. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Row } from './plan.ts';
import { rows } from './rows.ts';
import { buildFolder, servers } from './servers.ts';

const rowNames: readonly string[] = rows.map(({ name }) => name);
const serverNames: readonly string[] = servers.map(({ name }) => name);

const usage = `npm run bench -- [options]
  --rounds <n>      rounds for each server and row (5)
  --seconds <s>     seconds of load a round (2)
  --quick           one round of one second: to try, not to quote
  --only <rows>     only these rows, with commas: ${rowNames.join(', ')}
  --servers <names> only these servers, with commas: ${serverNames.join(', ')}
  --cores <s,l>     core of the server and core of the load (0,1)
  --peers <folder>  where npm installed sirv-cli, serve, http-server and a newer Node.js (bench/build/peers)
  --install         install them there first
  --write           write docs/benchmarks.md and its plots`;

/** What was asked for. */
export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly names: readonly string[];
  readonly serverCore: number;
  readonly loadCore: number;
  readonly peers: string;
  readonly install: boolean;
  readonly write: boolean;
}

/** Reads the arguments; on --help and on what cannot be understood it says so and ends the process. */
export function readOptions(): Options {
  const { values } = parse();
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  const wanted = pick('--only', values.only, rowNames);
  const [serverCore = Number.NaN, loadCore = Number.NaN] = values.cores.split(',').map(Number);
  if (!(serverCore >= 0 && loadCore >= 0) || serverCore === loadCore)
    refuse('--cores takes two different numbers');
  if (availableParallelism() < 2) refuse('the server and the load need a core each, and there is only one');
  const isQuick = values.quick;
  return {
    rounds: count('--rounds', values.rounds ?? (isQuick ? '1' : '5')),
    seconds: count('--seconds', values.seconds ?? (isQuick ? '1' : '2')),
    rows: rows.filter(({ name }) => wanted.includes(name)),
    names: pick('--servers', values.servers, serverNames),
    serverCore,
    loadCore,
    peers: values.peers,
    install: values.install,
    write: values.write,
  };
}

/** Says why the bench cannot go on, and ends it with 2. */
export function refuse(why: string): never {
  process.stderr.write(`bench: ${why}\n`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      options: {
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        servers: { type: 'string' },
        cores: { type: 'string', default: '0,1' },
        peers: { type: 'string', default: join(buildFolder, 'peers') },
        install: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse(`${(error as Error).message}\n${usage}`);
  }
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) refuse(`${flag} takes a whole number from 1 on, not ${text}`);
  return Number(text);
}

function pick(flag: string, text: string | undefined, known: readonly string[]): readonly string[] {
  const wanted = text?.split(',') ?? known;
  const unknown = wanted.find(name => !known.includes(name));
  if (unknown !== undefined) refuse(`${flag} knows no ${unknown}; it knows ${known.join(', ')}`);
  return wanted;
}
