// `--dev --trace`: each answer tells in Server-Timing how it came to be.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { FieldLine } from '../../src/http/message.ts';
import { createServer, OptionError, type ServerOptions } from '../../src/index.ts';
import { field, RawConnection, requestBytes, type WireResponse } from './client.ts';
import { startRaw } from './transports.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-trace-')));
after(() => rmSync(root, { recursive: true, force: true }));
mkdirSync(join(root, 'docs'));
mkdirSync(join(root, 'many'));
for (let at = 0; at < 1001; at += 1) writeFileSync(join(root, 'many', `${at}.txt`), '');
writeFileSync(join(root, 'index.html'), '<p>home</p>');
writeFileSync(join(root, 'docs', 'a.txt'), 'a'.repeat(2000));
writeFileSync(join(root, 'b.txt'), 'b');
writeFileSync(join(root, '_headers'), '/docs/*\n  X-Docs: 1\n/b.txt\n  X-B: 1\n');
writeFileSync(join(root, '_redirects'), '/old /docs/a.txt\n');

const development: ServerOptions = { root, dev: true, trace: true, allowedHosts: ['test'] };

interface Metric {
  readonly name: string;
  readonly description: string | undefined;
  readonly durationMs: number | undefined;
}

/** Reads the field by its grammar, and nothing else. */
function metricsOf(response: WireResponse): readonly Metric[] {
  const value = field(response, 'Server-Timing') ?? '';
  const one =
    /([!#$%&'*+.^_`|~\w-]+)(?:;desc="((?:[\t !#-[\]-~]|\\[\t -~])*)")?(?:;dur=(\d+(?:\.\d+)?))?(?:, |$)/gy;
  const metrics: Metric[] = [];
  let end = 0;
  for (const match of value.matchAll(one)) {
    const [whole, name = '', description, duration] = match;
    metrics.push({
      name,
      description: description?.replace(/\\(.)/g, '$1'),
      durationMs: duration === undefined ? undefined : Number(duration),
    });
    end = match.index + whole.length;
  }
  assert.equal(end, value.length, `no list of metrics: ${value}`);
  return metrics;
}

async function asking(
  options: ServerOptions,
  ...requests: readonly (readonly [target: string, fields?: readonly FieldLine[], method?: string])[]
): Promise<readonly WireResponse[]> {
  const server = await startRaw(options);
  try {
    return await Promise.all(
      requests.map(async ([target, fields = [], method = 'GET']) => {
        const connection = await RawConnection.open(server.place);
        connection.write(requestBytes({ method, target, fields }));
        const response = await connection.response(method);
        connection.destroy();
        return response;
      }),
    );
  } finally {
    await server.stop(0);
  }
}

test('the steps of an answer are told in order, with their times, and no place of this machine', async () => {
  const rows: readonly (readonly [
    request: Parameters<typeof asking>[1],
    status: number,
    ...steps: readonly string[],
  ])[] = [
    [['/'], 200, 'look /index.html: file', 'form /index.html, identity, text/html'],
    [
      ['/docs/a.txt', [['Accept-Encoding', 'gzip']]],
      200,
      'look /docs/a.txt: file',
      'form /docs/a.txt, identity turned into gzip, text/plain',
      'rule _headers:1 ',
    ],
    [['/docs/a.txt', [], 'HEAD'], 200, 'look /docs/a.txt: file'],
    [['/docs/a.txt', [['If-None-Match', '*']]], 304, 'look /docs/a.txt: file'],
    [['/old'], 301, 'rule _redirects:1 leads to /docs/a.txt with 301'],
    [['/.env'], 404, 'look /.env: denied, '],
    [['/absent'], 404, 'look /absent: absent', 'look /404.html: absent'],
    [['/b.txt', [], 'DELETE'], 405, 'gate methods: answers 405'],
  ];
  for (const [request, status, ...steps] of rows) {
    const [response] = await asking(development, request);
    assert.ok(response !== undefined);
    assert.equal(response.status, status, request[0]);
    const [total, ...metrics] = metricsOf(response);
    assert.equal(total?.name, 'total');
    const told = metrics.map(({ name, description }) => `${name} ${description}`);
    let at = -1;
    for (const step of steps) {
      const next = told.findIndex((one, index) => index > at && one.startsWith(step));
      assert.ok(next > at, `${request[0]}: ${step} is missing or too early in ${told.join(' | ')}`);
      at = next;
    }
    for (const { name, durationMs } of metrics)
      if (name !== 'form' && name !== 'rule')
        assert.ok(durationMs !== undefined && durationMs <= (total.durationMs ?? 0));
    assert.ok(!(field(response, 'Server-Timing') ?? '').includes(root));
  }
});

test('a long listing leaves while the folder is read, traced or not', async () => {
  const [response] = await asking(development, ['/many/']);
  assert.ok(response !== undefined);
  assert.equal(field(response, 'transfer-encoding'), 'chunked');
  assert.ok(metricsOf(response).some(({ description }) => description === '/many: members'));
});

test('whom a guard does not let pass is told nothing', async () => {
  const [response] = await asking(development, ['/b.txt', [['Host', 'evil']]]);
  assert.equal(response?.status, 403);
  assert.equal(field(response, 'Server-Timing'), undefined);
});

test('requests at the same time are told of apart', async () => {
  const targets = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? '/docs/a.txt' : '/b.txt'));
  const answers = await asking(development, ...targets.map(target => [target] as const));
  for (const [index, answer] of answers.entries()) {
    const rules = metricsOf(answer).filter(({ name }) => name === 'rule');
    const line = index % 2 === 0 ? '_headers:1 ' : '_headers:3 ';
    assert.equal(rules.length, 1);
    assert.ok(rules[0]?.description?.startsWith(line), rules[0]?.description);
  }
});

test('names of others stay within the quotes, and long ways are cut', async () => {
  const names = ['a"b\\c.txt', 'é 中.txt', `${'long'.repeat(50)}.txt`, `${'长'.repeat(80)}.txt`];
  for (const name of names) writeFileSync(join(root, name), 'x');
  for (const name of names) {
    const [response] = await asking(development, [`/${encodeURIComponent(name)}`]);
    assert.equal(response?.status, 200);
    const looks = metricsOf(response).filter(({ name }) => name === 'look');
    const shown = `/${name}`.replace(/[^\x20-\x7e]/gu, encodeURIComponent);
    assert.ok(
      looks.some(({ description = '' }) => shown.startsWith(description.replace(/(: file|\.\.\.)$/, ''))),
    );
    for (const { description = '' } of looks) assert.ok(description.length < 160);
  }
});

test('nobody is told unless it is wanted, and only of a site that is worked on', async () => {
  for (const options of [{ root }, { root, dev: true, allowedHosts: ['test'] }]) {
    const [response] = await asking(options, ['/']);
    assert.equal(response && field(response, 'Server-Timing'), undefined);
  }
  assert.throws(() => createServer({ root, trace: true }), OptionError);
});
