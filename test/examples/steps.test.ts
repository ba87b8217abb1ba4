// The learner's path: each program is started as a learner starts it and spoken to over a plain socket.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const steps = join(root, 'examples', 'steps');
const programs = readdirSync(steps).filter(name => name.endsWith('.ts'));
const guard = { timeout: 60_000 };

interface Running {
  readonly port: number;
  /** Ends the program; answers the signal it died of (null when it had ended before) and all it printed. */
  readonly stop: () => Promise<{ readonly signal: NodeJS.Signals | null; readonly output: string }>;
}

test('there are five programs of 25 to 60 lines', () => {
  assert.deepEqual(programs, [
    '1-fixed-page.ts',
    '2-requested-page.ts',
    '3-many-clients.ts',
    '4-server-object.ts',
    '5-port-argument.ts',
  ]);
  for (const name of programs) {
    const lines = readFileSync(join(steps, name), 'utf8').trimEnd().split('\n').length;
    assert.ok(lines >= 25 && lines <= 60, `${name} has ${lines} lines`);
  }
});

test('step 1 prints the request and answers one fixed page, whatever is asked', guard, async () => {
  const targets = ['/', '/about.html', '/../../etc/passwd'];
  const output = await withProgram('1-fixed-page.ts', [], async ({ port }) => {
    for (const target of targets) {
      assert.equal(
        await ask(port, `GET ${target} HTTP/1.1\r\nHost: a\r\nX-Escape: \x1b[31m\r\n\r\n`),
        'HTTP/1.1 200 OK\r\nServer: step-1\r\nConnection: close\r\n\r\n' +
          '<!doctype html><title>Step 1</title><h1>Hello from a TCP socket</h1>\n',
      );
    }
  });
  for (const target of targets) assert.ok(output.includes(`'GET ${target} HTTP/1.1\\r\\n`), output);
  assert.ok(!output.includes('\x1b'), 'what a client sends does not steer the terminal');
});

test('a program takes its port back at once after it was stopped', {
  ...guard,
  skip: process.platform === 'win32',
}, async () => {
  let port = 0;
  // The server closes first, so that the system remembers the connection on the server's side (TIME-WAIT).
  await withProgram('1-fixed-page.ts', [], async running => {
    port = running.port;
    await ask(port, 'GET / HTTP/1.1\r\n\r\n');
  });
  await withProgram('1-fixed-page.ts', [], async running => assert.equal(running.port, port), port);
});

const index = readFileSync(join(steps, 'pages', 'index.html'), 'utf8');
const about = readFileSync(join(steps, 'pages', 'about.html'), 'utf8');
const missing = '<!doctype html><title>404</title><h1>There is no such page</h1>\n';

const targets: readonly (readonly [target: string, status: string, content: string])[] = [
  ['/', '200 OK', index],
  ['/index.html', '200 OK', index],
  ['/about.html', '200 OK', about],
  ['/about.html?from=index', '200 OK', about],
  ['/?', '200 OK', index],
  ['/a/../about.html', '200 OK', about],
  ['/nothing.html', '404 Not Found', missing],
  ['/about.html/', '404 Not Found', missing],
  ['/.', '404 Not Found', missing],
  ['/..', '404 Not Found', missing],
  ['..', '404 Not Found', missing],
  ['/../1-fixed-page.ts', '404 Not Found', missing],
  ['/../../../package.json', '404 Not Found', missing],
  ['/../../../../../../../../etc/passwd', '404 Not Found', missing],
  ['/x/../../1-fixed-page.ts', '404 Not Found', missing],
  ['/../pages/index.html', '200 OK', index],
  ['/%2e%2e/1-fixed-page.ts', '404 Not Found', missing],
  ['/..%2f1-fixed-page.ts', '404 Not Found', missing],
  ['/..\\1-fixed-page.ts', '404 Not Found', missing],
  ['//etc/passwd', '404 Not Found', missing],
  ['/index.html\0.png', '404 Not Found', missing],
  [`/${'a'.repeat(4000)}`, '404 Not Found', missing],
];

for (const name of programs.slice(1)) {
  test(
    `step ${name[0]} answers the page that was asked for, and nothing outside its folder`,
    guard,
    async () => {
      await withProgram(name, argumentsOf(name), async ({ port }) => {
        for (const [target, status, content] of targets) {
          const answer = await ask(port, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
          const head = `HTTP/1.1 ${status}\r\nServer: step-${name[0]}\r\nConnection: close\r\n\r\n`;
          assert.equal(answer, head + content, JSON.stringify(target));
        }
      });
    },
  );
}

for (const name of programs.slice(2)) {
  test(`step ${name[0]} serves 200 clients at once while a slow one takes its time`, guard, async () => {
    await withProgram(name, argumentsOf(name), async ({ port }) => {
      const slow = await open(port);
      slow.write('GET /about.ht');
      const clients = await Promise.all(Array.from({ length: 200 }, () => open(port)));
      const answers = clients.map(client => readAll(client));
      for (const client of clients) client.write('GET / HTTP/1.1\r\n\r\n');
      for (const answer of await Promise.all(answers)) assert.ok(answer.endsWith(index));

      const late = readAll(slow);
      slow.write('ml HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.ok(
        (await late).endsWith(about),
        'the slow one gets its page, though its request came in two pieces',
      );
    });
  });

  test(`step ${name[0]} takes no harm from clients that leave`, guard, async () => {
    await withProgram(name, argumentsOf(name), async ({ port }) => {
      for (const words of ['', 'GET / HT', 'GET / HTTP/1.1\r\n\r\n', 'x'.repeat(20_000)]) {
        for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
          const client = await open(port);
          client.on('error', () => {});
          if (words !== '') await new Promise(done => client.write(words, done));
          client[leave]();
          await once(client.resume(), 'close');
        }
      }
      assert.ok((await ask(port, 'GET / HTTP/1.1\r\n\r\n')).endsWith(index));
    });
  });

  test(`step ${name[0]} answers a client that has closed its side after asking`, guard, async () => {
    await withProgram(name, argumentsOf(name), async ({ port }) => {
      const client = await open(port);
      client.end('GET /about.html HTTP/1.1\r\n\r\n');
      assert.ok((await readAll(client)).endsWith(about));
    });
  });
}

test('step 5 listens on the port it is given', guard, async () => {
  let port = 0;
  await withProgram('5-port-argument.ts', ['0'], async running => {
    port = running.port;
  });
  await withProgram('5-port-argument.ts', [`${port}`], async running => assert.equal(running.port, port));
});

for (const words of [[], ['http'], ['-1'], ['80a'], ['8080', '9090'], [''], ['70000'], ['0x50'], ['1e3']]) {
  test(`step 5 explains itself when its arguments are ${JSON.stringify(words)}`, guard, async () => {
    const child = run('5-port-argument.ts', words);
    let complaint = '';
    child.stderr?.on('data', bytes => {
      complaint += bytes;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 2);
    assert.match(complaint, /^Usage: 5-port-argument\.ts <port>/);
  });
}

function argumentsOf(name: string): readonly string[] {
  return name.startsWith('5') ? ['0'] : [];
}

function run(name: string, words: readonly string[], port = 0): ChildProcess {
  const env = { ...process.env, PORT: `${port}` };
  return spawn(process.execPath, ['--import', 'tsx', join(steps, name), ...words], { cwd: root, env });
}

/** Runs a program for as long as `use` takes; it must still be alive afterwards. Answers what it printed. */
async function withProgram(
  name: string,
  words: readonly string[],
  use: (running: Running) => Promise<void>,
  port = 0,
): Promise<string> {
  const running = await start(name, words, port);
  try {
    await use(running);
  } catch (error) {
    await running.stop();
    throw error;
  }
  const { signal, output } = await running.stop();
  assert.equal(signal, 'SIGTERM', output);
  return output;
}

async function start(name: string, words: readonly string[], port: number): Promise<Running> {
  const child = run(name, words, port);
  let output = '';
  const exited = once(child, 'close');
  const announced = new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', bytes => {
        output += bytes;
        const match = /^Listening on http:\/\/127\.0\.0\.1:(\d+)\//m.exec(output);
        if (match?.[1] !== undefined) resolve(Number(match[1]));
      });
    }
    child.on('close', () => reject(new Error(`${name} ended before it listened: ${output}`)));
  });
  return {
    port: await announced,
    stop: async () => {
      child.kill('SIGTERM');
      const [, signal] = await exited;
      return { signal, output };
    },
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const bytes of socket) text += bytes;
  return text;
}

async function ask(port: number, request: string): Promise<string> {
  const socket = await open(port);
  socket.write(request);
  return readAll(socket);
}
