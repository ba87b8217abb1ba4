import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Machine, trustSteps } from '../../src/authority/trust.ts';

const home = mkdtempSync(join(tmpdir(), 'plinth-trust-'));
after(() => rmSync(home, { recursive: true, force: true }));
const profile = join(home, '.mozilla', 'firefox', 'abc.default');
mkdirSync(profile, { recursive: true });
writeFileSync(join(profile, 'cert9.db'), '');
mkdirSync(join(home, '.mozilla', 'firefox', 'Crash Reports'));

const anchor = { file: '/data/authority.crt', name: 'Ours', serial: '40AB12CD40AB12CD0011' };

function steps(
  platform: NodeJS.Platform,
  programs: readonly string[],
  isUninstall = false,
): readonly string[] {
  const machine: Machine = { platform, home, has: program => programs.includes(program) };
  return trustSteps(machine, anchor, isUninstall).map(
    ({ who, commands, needsRoot }) =>
      `${who}${needsRoot ? ' (root)' : ''}: ${commands.map(words => words.join(' ')).join('; ')}`,
  );
}

test('each list that is there is told in its own way', () => {
  const nssdb = join(home, '.pki', 'nssdb');
  const add = (folder: string): string =>
    `certutil -A -d sql:${folder} -n Ours 40ab12cd -t C,, -i /data/authority.crt`;
  const rows: readonly (readonly [readonly string[], readonly string[]])[] = [
    [steps('linux', []), []],
    [
      steps('linux', ['certutil']),
      [
        `Chromium and Chrome: mkdir -p -m 700 ${nssdb}; certutil -N -d sql:${nssdb} --empty-password; ${add(nssdb)}`,
        `Firefox: ${add(profile)}`,
      ],
    ],
    [
      steps('linux', ['certutil'], true),
      // Where there is no list, nobody is on it.
      [`Firefox: certutil -D -d sql:${profile} -n Ours 40ab12cd`],
    ],
    [
      steps('win32', []),
      ["this user's Windows (Edge, Chrome …): certutil.exe -user -addstore Root /data/authority.crt"],
    ],
    [
      steps('win32', [], true),
      ["this user's Windows (Edge, Chrome …): certutil.exe -user -delstore Root 40AB12CD40AB12CD0011"],
    ],
    [
      steps('darwin', []),
      [
        `the login keychain (Safari, Chrome, curl …): security add-trusted-cert -r trustRoot -k ${join(home, 'Library/Keychains/login.keychain-db')} /data/authority.crt`,
      ],
    ],
  ];
  for (const [found, wanted] of rows) assert.deepEqual(found, wanted);
});
