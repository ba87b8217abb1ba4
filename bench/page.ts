/** The row of a page in a browser: how long a page with many parts takes over HTTP/2, with nothing in the cache. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { findChromium, launch } from '../test/browser/chromium.ts';
import { askDigestOverHttp2 } from './ask.ts';
import { type Setting, siteFolder, type Up } from './bring-up.ts';
import { among, type Row, sorted } from './plan.ts';
import { measureSecured } from './secured.ts';
import { judgeDigest, type Large } from './transfer.ts';
import type { Outcome } from './turns.ts';
import { filler, writeAged } from './workloads.ts';

const parts = 100;
const loadsMin = 15;
const loadsARound = 6;
/** Both sides compile what is hot. */
const warmUpLoads = 5;
const loadSeconds = 0.6;
const loadTimeoutMs = 30_000;
/** From icons to pictures: widths in pixels, each a byte. */
const widths = [24, 48, 96, 160, 240] as const;

/** The row `page`. */
export const pageRow: Row = {
  name: 'page',
  missing: () =>
    findChromium() === undefined ? 'no Chromium (Debian: apt-get install chromium)' : undefined,
  about: among('plinth', 'nginx'),
  seconds: (count, { rounds }) => count * (loadsOf(rounds) + warmUpLoads) * loadSeconds,
  run: async (rivals, plan) => {
    const files = writePage(plan.setting);
    const browser = await launch(undefined, pinnedBrowser(plan.setting));
    try {
      const rounds = loadsOf(plan.rounds);
      const results = await measureSecured(
        rivals,
        { ...plan, rounds },
        {
          check: async up => {
            for (const file of files) {
              const wrong = judgeDigest(file, await askDigestOverHttp2(up.bed.port, file.target));
              if (wrong !== undefined) return `${file.target}: ${wrong}`;
            }
            return undefined;
          },
          measure: (up, isWarmUp) => loadPage(browser, up, isWarmUp ? warmUpLoads : 1),
        },
      );
      return [
        {
          kind: 'table',
          name: 'page',
          title: `A page of ${parts} images in Chromium`,
          comparison: { kind: 'ratio', to: ['nginx'] },
          note: `Chromium ${browser.version()} on the core of the load: from the start of the navigation to the load event, over HTTP/2 and TLS 1.3, ${rounds} loads of each server in turn. Each begins with an empty cache and a new connection with a full handshake. The images are ${Math.round(files.reduce((sum, { length }) => sum + length, 0) / 1000)} KB in all, and the same octets from each server.`,
          columns: [{ title: 'ms', digits: 1 }],
          results: sorted(results),
        },
      ];
    } finally {
      await browser.close();
    }
  },
};

function loadsOf(rounds: number): number {
  return Math.max(loadsMin, rounds * loadsARound);
}

/** Loads the page so many times and gives the milliseconds of the last one. */
async function loadPage(browser: Browser, { bed: { port } }: Up, times: number): Promise<Outcome> {
  let values: readonly number[] = [];
  for (let time = 0; time < times; time++) {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      await page.goto(`https://127.0.0.1:${port}/page/`, { waitUntil: 'load', timeout: loadTimeoutMs });
      const seen = await page.evaluate<Seen>(look);
      if (seen.shown !== parts) return { kind: 'failed', why: `${seen.shown} of ${parts} images were shown` };
      if (seen.protocols.join() !== 'h2')
        return { kind: 'failed', why: `came over ${seen.protocols.join(' and ')}` };
      values = [seen.loadMs];
    } catch (error) {
      return { kind: 'failed', why: (error as Error).message };
    } finally {
      await context.close();
    }
  }
  return { kind: 'measured', values };
}

/** What a page says about itself. */
interface Seen {
  readonly loadMs: number;
  readonly shown: number;
  readonly protocols: readonly string[];
}

const look = `({
  loadMs: performance.getEntriesByType('navigation')[0].loadEventStart,
  shown: [...document.images].filter(image => image.complete && image.naturalWidth > 0).length,
  protocols: [...new Set([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(entry => entry.nextHopProtocol))],
})`;

/** A program that starts the browser, and with it all of its processes, on the core of the load. */
function pinnedBrowser({ folder, loadCore }: Setting): string {
  const path = join(folder, 'chromium');
  writeFileSync(path, `#!/bin/sh\nexec taskset -c ${loadCore} '${findChromium()}' "$@"\n`, { mode: 0o755 });
  return path;
}

/** Writes the page, and tells its images. */
function writePage({ folder }: Setting): readonly Large[] {
  const site = siteFolder(folder);
  mkdirSync(join(site, 'page'), { recursive: true });
  const names = Array.from({ length: parts }, (_, index) => `page/${index}.png`);
  const tags = names.map(name => `<img src="/${name}" alt="">`);
  writeAged(site, 'page/index.html', Buffer.from(`<!doctype html><title>parts</title>${tags.join('\n')}`));
  return names.map((name, index) => {
    const content = image(widths[index % widths.length] ?? widths[0], index);
    writeAged(site, name, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    return { target: `/${name}`, length: content.length, sha256 };
  });
}

/** A square PNG of grey noise, which no coding makes shorter. `seed` makes it like no other. */
function image(width: number, seed: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(width, 4);
  head[8] = 8; // Bits a sample.
  const rows = filler((width + 1) * width);
  for (let row = 0; row < width; row++) rows[row * (width + 1)] = 0; // No filter.
  rows[1] = seed;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
