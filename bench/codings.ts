/** The row of a large script that goes out in a content coding, against a file of just so many octets as it is. */
import { brotliDecompressSync, constants, gzipSync } from 'node:zlib';
import { type Answer, ask } from './ask.ts';
import { bringUp, type Rival, type Setting, siteFolder } from './bring-up.ts';
import { bundle } from './bundle.ts';
import { busyPercent, type Load, measureLoad, type Subject } from './load.ts';
import { among, loadSeconds, type Row, sorted } from './plan.ts';
import { loadColumns } from './sections.ts';
import type { Failed } from './turns.ts';
import { filler, ofContent, type Workload, writeAged } from './workloads.ts';

const scriptBytes = 1_000_000;
const roundsMax = 3;
const codingSeconds = 8;
const settleTimeoutMs = 60_000;
const settlePollMs = 100;
/** Ours is asked for a file that it has to code, the others for one that stands coded beside its name. */
const plainName = 'bundle.js';
const storedName = 'stored.js';

/** The row `codings`. */
export const codingsRow: Row = {
  name: 'codings',
  about: among('plinth', 'nginx', 'h2o'),
  seconds: (count, { rounds, seconds }) =>
    codingSeconds + loadSeconds(2.5)(count, { seconds, rounds: Math.min(rounds, roundsMax) }),
  run: async (rivals, { rounds, setting, tell }) => {
    const script = bundle(scriptBytes);
    const site = siteFolder(setting.folder);
    const stored = gzipSync(script, { level: constants.Z_BEST_COMPRESSION });
    writeAged(site, plainName, script);
    writeAged(site, storedName, script);
    writeAged(site, `${storedName}.gz`, stored);
    const subjects: Subject[] = [];
    const failed = new Map<string, Failed>();
    for (const rival of rivals) {
      const workload = rival.name === 'plinth' ? await made(rival, script, setting) : inGzip(stored);
      if ('why' in workload) failed.set(rival.name, workload);
      else subjects.push(subjectOf(rival, workload, site));
    }
    const measured = await measureLoad(subjects, Math.min(rounds, roundsMax), setting, tell, figures);
    return [
      {
        kind: 'table',
        name: 'codings',
        title: 'A script of 1 MB, coded',
        comparison: { kind: 'ratio', to: ['nginx'] },
        note,
        columns: [
          ...loadColumns,
          { title: 'CPU × identity', digits: 2, stands: 'alone' },
          { title: 'kept in memory', digits: 2, stands: 'alone' },
        ],
        results: sorted(new Map([...failed, ...measured])),
      },
    ];
  },
};

const note = `32 keep-alive connections. Ours is asked for br, which it makes itself: after the first answers, and after the \
best octets have taken their place (a strong tag). nginx (\`gzip_static\`) and h2o (\`file.send-compressed\`) find gzip \
beside the file. Each turn also measures the same server with a file that is as long as what it sends coded: \
*CPU × identity* relates to that. Ours keeps what it has coded in memory, and reads a plain file of that length for each \
answer; *kept in memory* relates to the same file while that is kept too \
(\`--limit cachedContentBytesMax\`), so that only the coding differs.`;

function figures([coded, identity, kept]: readonly Load[]): readonly number[] {
  if (coded === undefined) return [];
  const against = (base: Load | undefined): number => coded.cpuMicros / (base?.cpuMicros ?? Number.NaN);
  return [coded.cpuMicros, coded.perSecond, busyPercent(coded), against(identity), against(kept)];
}

function subjectOf(rival: Rival, coded: Workload, site: string): Subject {
  const content = filler(coded.expected.content?.length ?? 0);
  const name = `as-long-as-${rival.name}.jpg`;
  writeAged(site, name, content);
  const plain = ofContent(name, content);
  const stored: Rival = { ...rival, demands: { storedCodings: true } };
  const keeping: Rival = { ...rival, demands: { keptBytesMax: scriptBytes } };
  const duties = [
    { rival: stored, workload: coded },
    { rival: stored, workload: plain },
    ...(rival.name === 'plinth' ? [{ rival: keeping, workload: plain }] : []),
  ];
  return { name: rival.name, duties };
}

function inGzip(stored: Buffer): Workload {
  return { ...ofContent(storedName, stored), fields: () => [['Accept-Encoding', 'gzip']] };
}

/** What ours sends when it has done its best; all its later starts have to come to the same octets. */
async function made(rival: Rival, script: Buffer, setting: Setting): Promise<Workload | Failed> {
  const up = await bringUp(rival, setting, Buffer.alloc(0), setting.serverCore);
  if (up.kind === 'failed') return up;
  try {
    const { status, content } = await settled(up.bed.port);
    if (status !== 200 || !brotliDecompressSync(content).equals(script))
      return { kind: 'failed', why: 'sent br that is not the script' };
    const settle = async (port: number): Promise<void> => void (await settled(port));
    return { ...ofContent(plainName, content), fields: () => [...inBrotli], settle };
  } catch (error) {
    return { kind: 'failed', why: (error as Error).message };
  } finally {
    await up.program.stop();
  }
}

const inBrotli = [['Accept-Encoding', 'br']] as const;

/** The answer with a strong tag: octets that were made in haste have a weak one. Rejects when none comes. */
async function settled(port: number): Promise<Answer> {
  const deadlineMs = performance.now() + settleTimeoutMs;
  while (performance.now() < deadlineMs) {
    const answer = await ask(port, `/${plainName}`, inBrotli);
    if (answer.etag.startsWith('"')) return answer;
    await new Promise(resolve => setTimeout(resolve, settlePollMs));
  }
  throw new Error(`no strong tag for br in ${settleTimeoutMs / 1000} s`);
}
