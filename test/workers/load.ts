// Clients that ask all the time, each over one connection while it lasts, and note what they did not get.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came of it. */
export interface Outcome {
  readonly answers: number;
  /** The clients' ports of connections that ended before their answer, or where something else came. */
  readonly failedPorts: readonly number[];
  readonly why: readonly string[];
}

/** Asks for a target until it is stopped; every answer has to have this content. */
export function load(port: number, target: string, content: string, clients: number): () => Promise<Outcome> {
  let isRunning = true;
  let answers = 0;
  const failedPorts: number[] = [];
  const why: string[] = [];
  const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const ask = async (): Promise<void> => {
    while (isRunning) {
      const socket = connect(port, '127.0.0.1');
      let ownPort = 0;
      try {
        await once(socket, 'connect');
        ownPort = socket.localPort ?? 0;
        let mayAsk = true;
        while (isRunning && mayAsk) {
          socket.write(request);
          const answer = await answerFrom(socket, content);
          answers += 1;
          mayAsk = !/\r\nConnection: close\r\n/.test(answer);
        }
      } catch (error) {
        failedPorts.push(ownPort);
        why.push(String(error));
      }
      socket.destroy();
    }
  };
  const asking = Array.from({ length: clients }, ask);
  return async () => {
    isRunning = false;
    await Promise.all(asking);
    return { answers, failedPorts, why };
  };
}

function answerFrom(socket: Socket, content: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (act: () => void): void => {
      socket.removeAllListeners();
      // What becomes of a socket that nobody waits for does not matter.
      socket.on('error', () => {});
      act();
    };
    socket.on('data', bytes => {
      answer += bytes.toString('latin1');
      if (!answer.endsWith(`\r\n\r\n${content}`)) return;
      settle(() =>
        answer.startsWith('HTTP/1.1 200 OK\r\n') ? resolve(answer) : reject(new Error(answer.slice(0, 100))),
      );
    });
    socket.on('error', error => settle(() => reject(error)));
    socket.on('end', () => settle(() => reject(new Error(`ended after ${answer.length} octets`))));
  });
}
