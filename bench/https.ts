/** The rows of HTTPS: a request over connections that stay, and connections that each begin with a full handshake. */
import { check, type Setting, type Up } from './bring-up.ts';
import { alike, measureLoad } from './load.ts';
import { judgeOffer, offerInWords, offering, opensslMissing } from './offer.ts';
import { among, loadSeconds, type Row, sorted } from './plan.ts';
import { cpuSeconds, start } from './processes.ts';
import { type Column, loadColumns } from './sections.ts';
import { credentials, measureSecured } from './secured.ts';
import type { Outcome } from './turns.ts';
import { overConnections } from './workloads.ts';

const connections = 32;
/** Two clients at once, so that the server has something to do while one of them computes. */
const handshakers = 2;
const roundsMax = 3;
/** The first thousand connections of a Node process cost more than later ones, while V8 compiles: decisions/041. */
const warmUpSeconds = 5;

const certificateInWords = 'The certificate (ECDSA P-256, with that of its issuer) is the same for all.';

const about = among('plinth', 'newer-node', 'nginx', 'nginx-read', 'lighttpd', 'h2o');

/** The rows, in the order of the page. */
export const httpsRows: readonly Row[] = [
  {
    name: 'https',
    missing: opensslMissing,
    about,
    seconds: loadSeconds(1),
    run: async (rivals, { rounds, setting, tell }) => {
      const tls = await credentials(setting);
      const secured = rivals.map(rival => ({ ...rival, demands: { tls } }));
      const results = await measureLoad(alike(secured, overConnections(connections)), rounds, setting, tell);
      return [
        {
          kind: 'table',
          name: 'https',
          title: '1 KiB file over TLS 1.3',
          comparison: { kind: 'ratio', to: ['nginx'] },
          note: `${connections} keep-alive connections, HTTP/1.1. ${offerInWords} ${certificateInWords}`,
          columns: loadColumns,
          results: sorted(results),
        },
      ];
    },
  },
  {
    name: 'handshakes',
    missing: opensslMissing,
    about,
    seconds: (count, { rounds, seconds }) =>
      count * (warmUpSeconds + Math.min(rounds, roundsMax) * turnSeconds(seconds)),
    run: async (rivals, plan) => [
      {
        kind: 'table',
        name: 'handshakes',
        title: 'New connections with a full handshake',
        comparison: { kind: 'ratio', to: ['nginx'] },
        note: `${handshakers} × \`openssl s_time -new\`: no session resumed, one request for 1 KiB on each connection. ${offerInWords} ${certificateInWords} Each server first answers the same load for ${warmUpSeconds} s: while a Node process is young, its connections cost more. The clients compute more than a server does: compare its CPU time.`,
        columns: [handshakeColumn],
        results: sorted(
          await measureSecured(
            rivals,
            { ...plan, rounds: Math.min(plan.rounds, roundsMax) },
            {
              check: async up => {
                const checked = await check(up, overConnections(connections));
                if (checked.kind === 'failed') return checked.why;
                return judgeOffer(up.bed.port, plan.setting.folder);
              },
              measure: (up, isWarmUp) =>
                shakeHands(up, plan.setting, isWarmUp ? warmUpSeconds : turnSeconds(plan.setting.seconds)),
            },
          ),
        ),
      },
    ],
  },
];

const handshakeColumn: Column = { title: 'CPU µs a connection', digits: 0 };

/** So short a turn that the clients' own start does not count. */
function turnSeconds(seconds: number): number {
  return Math.max(2, Math.round(seconds));
}

async function shakeHands(
  { program, bed }: Up,
  { folder, loadCore }: Setting,
  seconds: number,
): Promise<Outcome> {
  const args = ['s_time', '-connect', `127.0.0.1:${bed.port}`, '-new', '-www', '/1k.jpg'];
  const env = offering(folder);
  const before = cpuSeconds(program.pid);
  const clients = Array.from({ length: handshakers }, () =>
    start({ file: 'openssl', args: [...args, '-time', String(seconds)], env }, loadCore),
  );
  const ended = await Promise.all(clients.map(client => client.ended));
  const cpu = cpuSeconds(program.pid) - before;
  const made = ended.map(({ output }) => Number(/^(\d+) connections in \d+ real/m.exec(output)?.[1]));
  const count = made.reduce((sum, one) => sum + one, 0);
  if (!(count > 0)) return { kind: 'failed', why: `openssl s_time: ${clients[0]?.complaint() ?? ''}` };
  return { kind: 'measured', values: [(cpu * 1e6) / count] };
}
