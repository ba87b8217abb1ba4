/** The rows of HTTPS: a request over connections that stay, and connections that each begin with a full handshake. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueAuthority, issueServer } from '../src/authority/issue.ts';
import { bringUp, check, type Rival, type Setting, type Up } from './bring-up.ts';
import { alike, measureLoad } from './load.ts';
import { among, loadSeconds, type Plan, type Row, sorted } from './plan.ts';
import { cpuSeconds, start } from './processes.ts';
import { type Column, loadColumns } from './sections.ts';
import type { Bed } from './servers.ts';
import { type Failed, inTurn, type Outcome, type Result } from './turns.ts';
import { overConnections } from './workloads.ts';

const connections = 32;
const dayMs = 24 * 3600 * 1000;
/** Two clients at once, so that the server has something to do while one of them computes. */
const handshakers = 2;
const roundsMax = 3;

const about = among('plinth', 'newer-node', 'nginx', 'nginx-read');

/** The rows, in the order of the page. */
export const httpsRows: readonly Row[] = [
  {
    name: 'https',
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
          note: `${connections} keep-alive connections, HTTP/1.1 with AES-128-GCM or AES-256-GCM, as each server prefers. The certificate (ECDSA P-256, with that of its issuer) is the same for all.`,
          columns: loadColumns,
          results: sorted(results),
        },
      ];
    },
  },
  {
    name: 'handshakes',
    about,
    seconds: (count, plan) => loadSeconds(2)(count, { ...plan, rounds: Math.min(plan.rounds, roundsMax) }),
    run: async (rivals, plan) => [
      {
        kind: 'table',
        name: 'handshakes',
        title: 'New connections with a full handshake',
        comparison: { kind: 'ratio', to: ['nginx'] },
        note: `${handshakers} × \`openssl s_time -new\`: TLS 1.3, X25519, ECDSA P-256, no session resumed; one request for 1 KiB on each connection. The clients compute more than a server does: compare its CPU time.`,
        columns: [handshakeColumn],
        results: sorted(await measureHandshakes(rivals, plan)),
      },
    ],
  },
];

const handshakeColumn: Column = { title: 'CPU µs a connection', digits: 0 };

async function measureHandshakes(
  rivals: readonly Rival[],
  { rounds, setting, tell }: Plan,
): Promise<ReadonlyMap<string, Result>> {
  const tls = await credentials(setting);
  const workload = overConnections(connections);
  const ups: (Up & { readonly name: string })[] = [];
  const failed = new Map<string, Failed>();
  try {
    for (const rival of rivals) {
      const up = await bringUp(
        { ...rival, demands: { tls } },
        setting,
        workload.floorAnswer,
        setting.serverCore,
      );
      if (up.kind === 'up') ups.push({ ...up, name: rival.name });
      const checked = up.kind === 'up' ? await check(up, workload) : up;
      if (checked.kind === 'failed') failed.set(rival.name, checked);
    }
    const ready = ups.filter(({ name }) => !failed.has(name));
    for (const up of ready) await shakeHands(up, setting);
    const results = await inTurn(ready, Math.min(rounds, roundsMax), async (up, round) => {
      const outcome = await shakeHands(up, setting);
      const said = outcome.kind === 'measured' ? `${Math.round(outcome.values[0] ?? 0)} µs` : outcome.why;
      tell(`  round ${round + 1}  ${up.name}: ${said}`);
      return outcome;
    });
    return new Map([...failed, ...results]);
  } finally {
    await Promise.all(ups.map(({ program }) => program.stop()));
  }
}

async function shakeHands({ program, bed }: Up, { seconds, loadCore }: Setting): Promise<Outcome> {
  const args = ['s_time', '-connect', `127.0.0.1:${bed.port}`, '-new', '-www', '/1k.jpg'];
  const time = String(Math.max(2, Math.round(seconds)));
  const before = cpuSeconds(program.pid);
  const clients = Array.from({ length: handshakers }, () =>
    start({ file: 'openssl', args: [...args, '-time', time] }, loadCore),
  );
  const ended = await Promise.all(clients.map(client => client.ended));
  const cpu = cpuSeconds(program.pid) - before;
  const made = ended.map(({ output }) => Number(/^(\d+) connections in \d+ real/m.exec(output)?.[1]));
  const count = made.reduce((sum, one) => sum + one, 0);
  if (!(count > 0)) return { kind: 'failed', why: `openssl s_time: ${clients[0]?.complaint() ?? ''}` };
  return { kind: 'measured', values: [(cpu * 1e6) / count] };
}

/** A certificate for loopback with that of its issuer, and its key, in the bench's own folder. */
async function credentials({ folder }: Setting): Promise<NonNullable<Bed['tls']>> {
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  if (!existsSync(cert)) {
    const wish = { validFromMs: Date.now() - dayMs, validUntilMs: Date.now() + 30 * dayMs };
    const authority = await issueAuthority({ subject: 'Authority of the bench', ...wish });
    const issued = await issueServer({ subject: 'bench', ...wish }, ['127.0.0.1', 'localhost'], authority);
    writeFileSync(key, issued.key, { mode: 0o600 });
    writeFileSync(cert, `${issued.cert}${authority.cert}`);
  }
  return { cert, key };
}
