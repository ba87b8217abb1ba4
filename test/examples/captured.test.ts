// What docs/how-a-request-travels.md shows in boxes, in both languages: captured once, and the same still today.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Run, serving } from '../cli/command.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = join(root, 'examples', 'steps', 'pages');
const about = readFileSync(join(pages, 'about.html'), 'latin1');
const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'there is no curl';

let run: Run;
let port: number;
before(async () => {
  ({ run, port } = await serving([pages, '0', '--log', 'off']));
});
after(() => run.stop());

for (const name of ['how-a-request-travels.md', 'how-a-request-travels.zh-CN.md']) {
  const text = readFileSync(join(root, 'docs', name), 'utf8');
  const boxes = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, box = '']) => box);
  const captured = boxes.filter(box => box.startsWith('$ curl '));

  test(`${name} has three answers to curl`, () => assert.equal(captured.length, 3));

  for (const box of captured) {
    const [command = ''] = box.split('\n', 1);
    const shown = box.slice(command.length + 1);

    test(`${name}: what ${command} brings`, { skip }, async () => {
      const tag = /^ETag: (.*)$/m.exec(await answerTo('curl -i http://localhost:8080/about.html'))?.[1] ?? '';
      const answer = await answerTo(command.slice(2).replace(/(?<=If-None-Match: )"[^"]*"/, tag));
      // Of a page only the first line is shown.
      const whole = shown.endsWith('<!doctype html>\n')
        ? answer.replace(/(?<=<!doctype html>\n)[\s\S]*/, '')
        : answer;
      assert.equal(masked(whole), masked(shown));
    });
  }

  test(`${name}: the request of 88 octets, the head of 54 and the page of 228 that step 2 answers`, () => {
    const [request = '', response = ''] = boxes.map(octets).filter(dump => dump.includes('HTTP/1.1'));
    assert.match(request, /^GET \/about\.html HTTP\/1\.1\r\nHost: localhost:8080\r\n[\s\S]*\r\n\r\n$/);
    const head = 'HTTP/1.1 200 OK\r\nServer: step-2\r\nConnection: close\r\n\r\n';
    assert.deepEqual([request.length, head.length, about.length], [88, 54, 228]);
    assert.equal(response, (head + about).slice(0, response.length));
    assert.ok(response.length > head.length);
  });
}

/** What a command of curl prints whose server stands on another port than 8080. */
async function answerTo(command: string): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word).slice(1);
  const way = ['-q', '-s', '--noproxy', '*', '--connect-to', `localhost:8080:127.0.0.1:${port}`];
  const { stdout } = await promisify(execFile)('curl', [...way, ...words]);
  return stdout.replaceAll('\r\n', '\n');
}

/** Without what differs from one machine, and one moment, to the next. */
function masked(answer: string): string {
  return answer.replace(/^(Date|Last-Modified|ETag): .*$/gm, '$1: …').trimEnd();
}

/** What a dump shows in hexadecimal; empty for what is no dump. */
function octets(box: string): string {
  const lines = [...box.matchAll(/^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} )+) /gm)];
  return lines.map(([, hex = '']) => Buffer.from(hex.replaceAll(' ', ''), 'hex').toString('latin1')).join('');
}
