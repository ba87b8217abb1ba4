// The server, composed as index.ts does, with a place for faults; and the proof that nothing of a run is left.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { identity } from '../../src/features/identity.ts';
import { methods } from '../../src/features/methods.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import type { Exchange } from '../../src/http/message.ts';
import type { adopt } from '../../src/server/adopt.ts';
import { Background } from '../../src/server/background.ts';
import { systemClock } from '../../src/server/clock.ts';
import { Coder } from '../../src/server/coding.ts';
import { Connections } from '../../src/server/connections.ts';
import { withinDescriptors } from '../../src/server/descriptors.ts';
import { createHandler } from '../../src/server/handler.ts';
import { listen } from '../../src/server/listen.ts';
import { ReadBuffers } from '../../src/server/read-buffers.ts';
import { knownCodings } from '../../src/server/zlib-codings.ts';
import type { Store } from '../../src/store/store.ts';
import type { Place } from '../wire/client.ts';
import { until } from './until.ts';

/** A server that runs. */
export interface House {
  readonly place: Place;
  /** Lines for the operator since the start. */
  readonly reports: readonly string[];
  readonly exchanges: readonly Exchange[];
  /** Waits until no connection, descriptor, timer or request is there that was not when the house stood idle. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a server on a store; `takeOver` gets each socket that is accepted. */
export async function startHouse(
  store: Store & { readonly openFiles: number },
  takeOver?: typeof adopt,
): Promise<House> {
  const clock = systemClock();
  const codings = { stored: true, made: knownCodings, madeBytesMax: 2 ** 20, undone: knownCodings };
  const reports: string[] = [];
  const exchanges: Exchange[] = [];
  const report = (line: string): void => void reports.push(line);
  const handler = createHandler({
    site: { store, indexNames: ['index.html'], cleanUrls: true, listing: true, codings },
    gates: [methods],
    rewrites: [],
    finishers: [identity],
    windows: false,
    now: clock.now,
  });
  const limits = withinDescriptors(defaultLimits);
  const observers = [(exchange: Exchange): void => void exchanges.push(exchange)];
  const buffers = new ReadBuffers();
  const coder = new Coder({ limits, now: clock.now, background: new Background(report) });
  const connections = new Connections(
    { handler, store, limits, clock, coder, buffers, observers, report },
    takeOver === undefined ? {} : { takeOver },
  );
  const listener = await listen(
    { hosts: ['127.0.0.1'], port: 0, backlog: 511 },
    socket => connections.accept(socket),
    report,
  );
  const [address] = listener.addresses;
  assert.ok(address?.kind === 'tcp');
  const idle = await heldOnceQuiet();
  return {
    place: { host: address.host, port: address.port },
    reports,
    exchanges,
    settle: () =>
      until(() => {
        const left = { connections: connections.size, files: store.openFiles, ...held() };
        return Object.entries(left)
          .filter(([name, count]) => count > (idle[name] ?? 0))
          .map(([name, count]) => `${count} ${name}`)
          .join(', ');
      }, ''),
    stop: async () => {
      listener.close();
      await connections.drain(0);
    },
  };
}

/** How many descriptors, and of each kind of thing that keeps this process alive. */
function held(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { descriptors: readdirSync('/proc/self/fd').length };
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What is held once nothing changes any more: closing takes some turns of the loop. */
async function heldOnceQuiet(): Promise<Readonly<Record<string, number>>> {
  let seen = held();
  for (let quietTurns = 0; quietTurns < 20; quietTurns += 1) {
    await new Promise(setImmediate);
    const now = held();
    if (JSON.stringify(now) !== JSON.stringify(seen)) quietTurns = 0;
    seen = now;
  }
  return seen;
}
