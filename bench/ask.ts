/** One plain request over a connection of its own: to learn whether a server is up and whether it answers rightly. */
import { request } from 'node:http';
import type { FieldLines } from './workloads.ts';

const answerTimeoutMs = 5000;

/** An answer as it came, all of it. */
export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly content: Buffer;
}

/** Asks 127.0.0.1 for a target. Rejects when there is no server, no whole answer, or none in five seconds. */
export function ask(port: number, target: string, fields: FieldLines = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(fields.filter(([name]) => name !== 'Connection'));
    const asked = request({ host: '127.0.0.1', port, path: target, headers, agent: false }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          etag: response.headers.etag ?? '',
          content: Buffer.concat(chunks),
        }),
      );
    });
    asked.setTimeout(answerTimeoutMs, () => asked.destroy(new Error('no answer in five seconds')));
    asked.once('error', reject);
    asked.end();
  });
}
