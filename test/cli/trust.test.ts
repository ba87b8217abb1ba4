import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuthority } from '../../src/authority/local.ts';
import { Run, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
mkdirSync(site);
let homes = 0;

/** A home in which nothing was ever trusted. */
function newHome(): { readonly HOME: string } {
  homes += 1;
  return { HOME: join(scratch, `home ${homes}`) };
}

/** The folder in which an authority is kept now. */
async function makeAuthority({ HOME }: { readonly HOME: string }): Promise<string> {
  const folder = join(HOME, '.local/share/plinth');
  const made = await openAuthority(hostname(), Date.now(), folder);
  assert.ok(!('kind' in made));
  return folder;
}

test('trust shows every command before it would run, and uninstall has nothing to do where nothing was', async () => {
  const env = newHome();
  const none = await new Run(['trust', '--uninstall'], env).ended;
  assert.deepEqual([none.code, none.stderr], [0, '']);
  assert.match(none.stdout, /there is no authority/);
  assert.equal(existsSync(env.HOME), false);
  const { code, stdout, stderr } = await new Run(['trust', '--dry-run'], env).ended;
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^To be trusted: Plinth local authority \(.*\)\nIts certificate: .*authority\.crt, which is still to be made\n/,
  );
  assert.match(stdout, /NODE_EXTRA_CA_CERTS=.*authority\.crt\n$/);
  // Without anybody who could be told something is left to do.
  assert.equal(code, /(update-ca-\w+|certutil) -?/.test(stdout) ? 0 : 1);
  assert.equal(existsSync(env.HOME), false);
});

test('a dry run writes nothing, whether there is an authority or not', async () => {
  const env = newHome();
  const folder = await makeAuthority(env);
  const { serialNumber } = new X509Certificate(readFileSync(join(folder, 'authority.pem')));
  const trusted = await new Run(['trust', '--dry-run'], env).ended;
  assert.match(trusted.stdout, /^To be trusted: .*\nIts certificate: .*authority\.crt\n/);
  if (trusted.code === 0) assert.ok(trusted.stdout.includes(serialNumber.slice(0, 8).toLowerCase()));
  const forgotten = await new Run(['trust', '--uninstall', '--dry-run'], env).ended;
  assert.match(forgotten.stdout, /^To be forgotten: /);
  assert.deepEqual(readdirSync(env.HOME, { recursive: true }).sort(), [
    '.local',
    '.local/share',
    '.local/share/plinth',
    '.local/share/plinth/authority.pem',
  ]);
});

test('what could not be forgotten is told, and the rest is forgotten', {
  skip: process.platform === 'win32',
}, async () => {
  const env = newHome();
  await makeAuthority(env);
  const profiles = ['busy', 'empty', 'last'].map(name => join(env.HOME, '.mozilla', 'firefox', name));
  for (const folder of profiles) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cert9.db'), '');
  }
  const programs = join(env.HOME, 'bin');
  mkdirSync(programs);
  const refuse = (why: string): string => `echo 'certutil: ${why}' >&2; exit 255`;
  const script = `#!/bin/sh
case "$*" in
  *busy*) ${refuse('database is locked')};;
  *empty*) ${refuse('could not find certificate named "Plinth"')};;
esac
`;
  writeFileSync(join(programs, 'certutil'), script, { mode: 0o755 });
  const { code, stdout } = await new Run(['trust', '--uninstall'], {
    ...env,
    PATH: `${programs}:${process.env.PATH}`,
  }).ended;
  assert.equal(code, 1);
  assert.match(stdout, /busy' .*\n {4}that failed: certutil: database is locked\n/);
  assert.match(stdout, /empty' .*\n {4}it was not there\n/);
  assert.match(stdout, /last' -n .*\n$/);
});

test('words that mean nothing are named', async () => {
  for (const [words, message] of [
    [['trust', '--install'], /^plinth trust: /],
    [['trust', 'me'], /^plinth trust: unexpected argument me; wanted none\n$/],
  ] as const) {
    const { code, stderr } = await new Run(words, newHome()).ended;
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

test('--tls serves with a certificate of the authority that trust makes known', async () => {
  const env = newHome();
  const ca = readFileSync(join(await makeAuthority(env), 'authority.pem'));
  const { run, port } = await serving([site, '0', '--tls', '-q'], env);
  assert.doesNotMatch(run.stderr, /plinth trust/);
  const request = get({ host: 'localhost', port, ca, agent: false });
  const [response] = await once(request, 'response');
  assert.equal(response.statusCode, 200);
  response.resume();
  assert.equal((await run.stop()).code, 0);
});
