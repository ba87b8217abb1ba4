/** Rows over TLS: the certificate that all servers have, and servers that stay up while they are measured in turn. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueAuthority, issueServer } from '../src/authority/issue.ts';
import { bringUp, type Rival, type Setting, type Up } from './bring-up.ts';
import type { Plan } from './plan.ts';
import type { Bed } from './servers.ts';
import { type Failed, inTurn, type Outcome, type Result } from './turns.ts';

const dayMs = 24 * 3600 * 1000;
const noFloor = Buffer.alloc(0);

/** How a server that is up is looked at. */
export interface Looks {
  /** What is wrong with what it answers, or undefined. May reject. */
  readonly check: (up: Up) => Promise<string | undefined>;
  /** The figures of one turn; of the first, which is thrown away, `isWarmUp` is true. */
  readonly measure: (up: Up, isWarmUp: boolean) => Promise<Outcome>;
}

/** Brings servers up over TLS and measures in turn those that answer rightly. */
export async function measureSecured(
  rivals: readonly Rival[],
  { rounds, setting, tell }: Plan,
  { check, measure }: Looks,
): Promise<ReadonlyMap<string, Result>> {
  const tls = await credentials(setting);
  const ups: (Up & { readonly name: string })[] = [];
  const failed = new Map<string, Failed>();
  const fail = (name: string, why: string): void => {
    failed.set(name, { kind: 'failed', why });
    tell(`  ${name}: ${why}`);
  };
  try {
    for (const rival of rivals) {
      const up = await bringUp({ ...rival, demands: { tls } }, setting, noFloor, setting.serverCore);
      if (up.kind === 'failed') {
        fail(rival.name, up.why);
        continue;
      }
      ups.push({ ...up, name: rival.name });
      const wrong = await check(up).catch((error: Error) => `no answer: ${error.message}`);
      if (wrong !== undefined) fail(rival.name, wrong);
    }
    const ready = ups.filter(({ name }) => !failed.has(name));
    for (const up of ready) await measure(up, true);
    const results = await inTurn(ready, rounds, async (up, round) => {
      const outcome = await measure(up, false);
      const said =
        outcome.kind === 'measured' ? outcome.values.map(value => value.toFixed(1)).join(', ') : outcome.why;
      tell(`  round ${round + 1} of ${rounds}  ${up.name}: ${said}`);
      return outcome;
    });
    return new Map([...failed, ...results]);
  } finally {
    await Promise.all(ups.map(({ program }) => program.stop()));
  }
}

/** A certificate for loopback with that of its issuer, and its key, in the bench's own folder. */
export async function credentials({ folder }: Setting): Promise<NonNullable<Bed['tls']>> {
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
