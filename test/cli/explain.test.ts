// `plinth explain <url | path>`, from outside.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { plinth, scratch, serving } from './command.ts';

const folder = join(scratch, 'site');
mkdirSync(folder);
writeFileSync(join(folder, 'index.html'), '<!doctype html><p>');
const tls = join(import.meta.dirname, '..', 'probe', 'tls');

/** Each part is found, behind the one before it. */
function inOrder(text: string, parts: readonly RegExp[]): void {
  let from = 0;
  for (const part of parts) {
    const found = part.exec(text.slice(from));
    assert.ok(found !== null, `${part} in\n${text.slice(from)}`);
    from += found.index;
  }
}

test('the steps are told in order, with the octets of both sides and what they mean', async () => {
  const { run, port } = await serving([folder, '0', '-q']);
  const { code, stdout, stderr } = await plinth(['explain', `${port}/?a`, '--header', 'X-Test: 1']).ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const parts = [
    /^ {2}plinth explain {2}http:\/\/localhost:\d+\/\?a$/m,
    /^ {2}1 {2}The name becomes an address\n {5}localhost stands for /m,
    new RegExp(`^ {5}\\S+, port ${port}, from port \\d+ of this machine$`, 'm'),
    /^ {5}> GET \/\?a HTTP\/1\.1\n {5}> Host: localhost:\d+\n/m,
    /^ {5}> X-Test: 1\n\n/m,
    /^ {5}< HTTP\/1\.1 200 OK +· here it is$/m,
    /^ {5}< ETag: \S+ +· the name of exactly this version, to ask about it$/m,
    /^ {5}18 octets\n {5}of type text\/html; charset=utf-8\n {5}its end: where Content-Length says$/m,
    /^ {5}waiting +█+ +\d+(\.\d\d)? ms$/m,
  ];
  inOrder(stdout, parts);
  assert.doesNotMatch(stdout, /\x1b/);
  const json = await plinth(['explain', '--json', `127.0.0.1:${port}/none`]).ended;
  const journey = JSON.parse(json.stdout);
  assert.deepEqual([json.code, journey.head.status, journey.name.isAddress], [0, 404, true]);
  await run.stop();
});

/** A server with this certificate; answers the words that explain it and the environment that trusts it. */
async function secured(name: string): Promise<readonly [readonly string[], Record<string, string>]> {
  const cert = join(tls, `${name}.pem`);
  const server = createServer(
    { cert: readFileSync(cert), key: readFileSync(join(tls, `${name}-key.pem`)) },
    (_request, response) => response.end('secured'),
  );
  after(() => server.close());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return [['explain', `https://localhost:${port}/`], { NODE_EXTRA_CA_CERTS: cert }];
}

test('a certificate that NODE_EXTRA_CA_CERTS names is trusted, and told of', async () => {
  const [words, env] = await secured('localhost');
  const { code, stdout } = await plinth(words, env).ended;
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /TLSv1\.3 with TLS_\w+\n {5}certificate of localhost, signed by localhost\n {5}for localhost, 127\.0\.0\.1\n {5}until 21\d\d-/,
  );
  assert.match(stdout, /< HTTP\/1\.1 200 OK/);
});

test('a certificate that is not to be trusted is shown with the reason', async () => {
  const rows = [
    ['localhost', {}, 'the certificate is signed by nobody but itself'],
    ['expired', undefined, 'the certificate has expired'],
    ['elsewhere', undefined, 'the certificate is for other names'],
  ] as const;
  for (const [name, given, why] of rows) {
    const [words, env] = await secured(name);
    const { code, stdout } = await plinth(words, given ?? env).ended;
    assert.equal(code, 1);
    assert.ok(stdout.includes(`✗ ${why}\n`), stdout);
    assert.match(stdout, /certificate of (localhost|elsewhere\.test), signed by/);
    assert.doesNotMatch(stdout, /GET \//);
  }
});

test('for a path it tells how a server with this root and these flags would decide', async () => {
  const { code, stdout, stderr } = await plinth([
    'explain',
    '--header=X-Test: 1',
    '/',
    'site',
    '--no-listing',
  ]).ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  inOrder(stdout, [
    new RegExp(`^ {2}plinth explain {2}/ {2}in ${folder}$`, 'm'),
    /^ {5}> GET \/ HTTP\/1\.1\n {5}> Host: localhost\n {5}> X-Test: 1\n/m,
    /^ {2}2 {2}The path, as it is understood\n {5}\/\n/m,
    /^ {5}methods lets it pass$/m,
    /^ {5}\/index\.html {2}a file$/m,
    /^ {5}\/index\.html as it is, 18 octets\n {5}of type text\/html; charset=utf-8, by the name$/m,
    /^ {5}200 OK$/m,
    /^ {5}< Server: plinth +· identity$/m,
    /^ {5}< ETag: \S+ +· site$/m,
    /^ {5}content: 18 octets, of a file of 18$/m,
  ]);
  const json = await plinth(['explain', '/none', 'site', '--json', '--no-clean-urls']).ended;
  const { status, looks } = JSON.parse(json.stdout);
  assert.deepEqual([json.code, status, looks[0]], [0, 404, { path: '/none', found: 'absent' }]);
});

test('wrong usage is exit code 2 and one line', async () => {
  const wanted = "wanted a header such as 'Accept-Encoding: br'";
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[], 'wanted an address or a path: plinth explain <url | path>'],
    [['/a', '/nowhere'], 'root "/nowhere" does not exist'],
    [['/a', '.', '80', '90'], 'unexpected argument "90"; wanted at most a root and a port'],
    [['/a', '--lsiting'], 'unknown flag "--lsiting"; did you mean --listing?'],
    [['/a', '--version'], 'unexpected flag "--version"'],
    [['/a', '--header', 'x'], `found "x", ${wanted}`],
    [['8080', '9090'], 'unexpected argument "9090"; wanted one address, or a path that begins with "/"'],
    [['8080', '--header'], '--header wants <line>'],
    [['8080', '--header=x'], `found "x", ${wanted}`],
    [['8080', '--header', 'a b: c'], `found "a b: c", ${wanted}`],
    [['8080', '--header', 'a: b\r\nc: d'], `found "a: b\\r\\nc: d", ${wanted}`],
    [['8080', '--headre', 'a: b'], 'unknown flag "--headre"; did you mean --header?'],
  ];
  for (const [words, message] of rows) {
    const ended = await plinth(['explain', ...words]).ended;
    assert.deepEqual(ended, { code: 2, stdout: '', stderr: `plinth explain: ${message}\n` });
  }
});
