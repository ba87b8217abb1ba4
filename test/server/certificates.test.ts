import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { namesOf, type ReadFile, readAuthorities, readCertificates } from '../../src/server/certificates.ts';
import { encrypted, goodOnce, makeTlsFolder, type TlsFolder } from './tls-fixture.ts';

let folder: TlsFolder;
const now = Date.now();

before(async () => {
  folder = await makeTlsFolder();
  const site = await folder.issue('site', ['example.test', '*.example.test', '192.0.2.1', '2001:db8::1']);
  const other = await folder.issue('other', ['other.test']);
  await folder.issue('old', ['old.test'], goodOnce);
  folder.write('both.pem', `${site.key}some text between\n${site.cert}`);
  folder.write('chain.pem', `${site.cert}${folder.authority.cert}`);
  folder.write('wrong-way.pem', `${folder.authority.cert}${site.cert}`);
  folder.write('locked.key', encrypted(site.key, 'open sesame'));
  folder.write('mixed.pem', `${site.cert}${other.key}`);
  folder.write('torn.crt', site.cert.replace(/^[A-Za-z0-9+/]{64}$/m, 'x'.repeat(64)));
  folder.write('der.crt', new X509Certificate(site.cert).raw);
  folder.write('text.crt', 'a certificate');
  folder.write('binary.crt', Buffer.from([0x30, 0x03, 0x02, 0x01, 0x05]));
  for (const [name, passphrase] of [
    ['site.pfx', 'open sesame'],
    ['bare.pfx', ''],
  ] as const) {
    const words = ['pkcs12', '-export', '-in', folder.path('site.crt'), '-inkey', folder.path('site.key')];
    const made = spawnSync('openssl', [
      ...words,
      '-out',
      folder.path(name),
      '-passout',
      `pass:${passphrase}`,
    ]);
    assert.equal(made.status, 0, String(made.stderr));
  }
});
after(() => folder.remove());

function read(
  certs: readonly string[],
  keys: readonly string[] = [],
  passphrase?: string,
): ReturnType<typeof readCertificates> {
  const file = (name: string): ReadFile => ({ path: name, octets: readFileSync(folder.path(name)) });
  return readCertificates({ certs: certs.map(file), keys: keys.map(file), passphrase }, now);
}

const siteNames = ['example.test', '*.example.test', '192.0.2.1', '2001:db8:0:0:0:0:0:1'];

test('each certificate finds its key, wherever that is', () => {
  const rows: readonly (readonly [readonly string[], readonly string[], string?])[] = [
    [['site.crt'], ['site.key']],
    [['site.crt'], ['other.key', 'site.key']],
    [['both.pem'], []],
    [['chain.pem'], ['site.key']],
    [['site.crt'], ['locked.key'], 'open sesame'],
    [['site.pfx'], [], 'open sesame'],
    [['bare.pfx'], [], ''],
  ];
  for (const [certs, keys, passphrase] of rows) {
    const found = read(certs, keys, passphrase);
    assert.ok(found.kind === 'read', JSON.stringify(found));
    assert.deepEqual(
      found.all.map(({ names }) => names.map(name => name.toLowerCase())),
      [siteNames],
      certs[0],
    );
  }
});

test('several certificates keep their order', () => {
  const found = read(['other.crt', 'both.pem'], ['other.key']);
  assert.ok(found.kind === 'read');
  assert.deepEqual(
    found.all.map(({ path, names }) => [path, names[0]]),
    [
      ['other.crt', 'other.test'],
      ['both.pem', 'example.test'],
    ],
  );
  assert.deepEqual(found.warnings, []);
});

test('what cannot be used is named, with its file and the reason', () => {
  const rows: readonly (readonly [readonly string[], readonly string[], string | undefined, RegExp])[] = [
    [['site.crt'], [], undefined, /^site\.crt: its private key is missing; wanted its file as --tls-key$/],
    [
      ['site.crt'],
      ['other.key'],
      undefined,
      /^site\.crt: .*example\.test.*do not belong together \(other\.key\)$/,
    ],
    [['mixed.pem'], [], undefined, /^mixed\.pem: .*do not belong together/],
    [
      ['wrong-way.pem'],
      ['site.key'],
      undefined,
      /^wrong-way\.pem: the certificate of the server is not the first/,
    ],
    [['site.crt'], ['locked.key'], undefined, /^locked\.key: is encrypted; wanted .*--tls-pass$/],
    [['site.crt'], ['locked.key'], 'close sesame', /^locked\.key: the passphrase does not open it$/],
    [['site.pfx'], [], 'close sesame', /^site\.pfx: the passphrase does not open it$/],
    [['site.pfx'], [], undefined, /^site\.pfx: is encrypted/],
    [['torn.crt'], ['site.key'], undefined, /^torn\.crt: holds a certificate that cannot be read$/],
    [['der.crt'], ['site.key'], undefined, /^der\.crt: is a certificate in DER, wanted PEM or PFX$/],
    [['text.crt'], ['site.key'], undefined, /^text\.crt: holds no certificate in PEM, and is no PFX either$/],
    [['binary.crt'], ['site.key'], undefined, /^binary\.crt: is neither PEM nor a PFX/],
    [['site.crt'], ['site.crt'], undefined, /^site\.crt: is no private key in PEM$/],
  ];
  for (const [certs, keys, passphrase, why] of rows) {
    const found = read(certs, keys, passphrase);
    assert.ok(found.kind === 'fault', certs[0]);
    assert.match(found.why, why);
  }
});

test('what no browser will like is a warning', () => {
  const rows: readonly (readonly [readonly string[], readonly string[], RegExp])[] = [
    [['old.crt'], ['old.key'], /^old\.crt: expired on /],
    [['site.crt'], ['site.key', 'other.key'], /^other\.key: no certificate belongs to this key$/],
  ];
  for (const [certs, keys, warning] of rows) {
    const found = read(certs, keys);
    assert.ok(found.kind === 'read');
    assert.equal(found.warnings.length, 1);
    assert.match(found.warnings[0] ?? '', warning);
  }
});

test('names come from the alternative names alone', () => {
  const rows: readonly (readonly [string | undefined, readonly string[]])[] = [
    [undefined, []],
    ['DNS:A.example, DNS:*.b.example', ['a.example', '*.b.example']],
    ['IP Address:192.0.2.1, email:a@b.example, URI:https://c.example/', ['192.0.2.1']],
    // Node quotes what could be mistaken for something else: CVE-2021-44532.
    ['DNS:"a.example, DNS:b.example", DNS:c.example', ['c.example']],
  ];
  for (const [subjectAltName, names] of rows) {
    assert.deepEqual(namesOf({ subjectAltName } as Pick<X509Certificate, 'subjectAltName'>), names);
  }
});

test('authorities are certificates in PEM, and nothing else is', () => {
  const file = (name: string): ReadFile => ({ path: name, octets: readFileSync(folder.path(name)) });
  assert.equal(readAuthorities(file('authority.crt')).kind, 'read');
  for (const name of ['site.key', 'torn.crt', 'der.crt'])
    assert.equal(readAuthorities(file(name)).kind, 'fault', name);
});
