import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAuthority } from '../../src/authority/local.ts';
import { type Anchor, trustSteps } from '../../src/authority/trust.ts';
import { scratch, serving } from '../cli/command.ts';
import { skipWithout } from '../faults/process.ts';
import { exampleSite, launch, skip } from './chromium.ts';

const guardMs = 60_000;

/** Has Chromium trust an authority, and nobody else: no program but certutil is there for it. */
function trust(home: string, isUninstall: boolean): void {
  const authority = readAuthority(join(home, '.local/share/plinth/authority.pem'));
  assert.ok(authority !== undefined);
  const { subject, serialNumber } = new X509Certificate(authority.cert);
  const file = join(home, 'authority.crt');
  writeFileSync(file, authority.cert);
  const anchor: Anchor = { file, name: subject.replace('CN=', ''), serial: serialNumber };
  const machine = { platform: 'linux', home, has: (program: string) => program === 'certutil' } as const;
  const steps = trustSteps(machine, anchor, isUninstall);
  assert.deepEqual(
    steps.map(({ who, needsRoot }) => [who, needsRoot]),
    [['Chromium and Chrome', false]],
  );
  for (const [program = '', ...args] of steps.flatMap(({ commands }) => commands)) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, 0, error?.message ?? stderr);
  }
}

test('a browser trusts --tls once it was told to, and no longer than that', {
  skip: skip || skipWithout('certutil', 'libnss3-tools'),
  timeout: guardMs,
}, async () => {
  const home = join(scratch, 'home');
  const { run, port } = await serving([exampleSite, '0', '-H', 'localhost', '--tls', '-q'], { HOME: home });
  assert.match(run.stderr, /--tls: browsers trust this server once you have run: plinth trust\n/);
  const visit = async (): Promise<string> => {
    const browser = await launch(home);
    try {
      const page = await browser.newPage();
      const answer = await page.goto(`https://localhost:${port}/guide/`, { waitUntil: 'load' });
      const details = await answer?.securityDetails();
      return `${answer?.status()} ${details?.protocol} ${details?.issuer}`;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await browser.close();
    }
  };
  assert.match(await visit(), /ERR_CERT_AUTHORITY_INVALID/);
  trust(home, false);
  assert.match(await visit(), /^200 TLS 1\.3 Plinth local authority/);
  trust(home, true);
  assert.match(await visit(), /ERR_CERT_AUTHORITY_INVALID/);
  assert.equal((await run.stop()).code, 0);
});
