import { connect, type Socket } from 'node:net';
import { type ControlAnswer, type ControlGreeting, reloadOrder } from './control.ts';

/** What connecting to a control socket showed. */
export type Found =
  | { readonly kind: 'supervisor'; readonly socket: string; readonly greeting: ControlGreeting }
  /** Something is there and says nothing in time: its process stands still, or is starting. */
  | { readonly kind: 'silent'; readonly socket: string }
  /** Its process is gone. */
  | { readonly kind: 'gone' };

/** What came of asking for a reload; 'silent': it says nothing any more, 'gone': it ended meanwhile. */
export type Asked = Exclude<ControlAnswer, { kind: 'under way' }> | { readonly kind: 'silent' | 'gone' };

/** Who is behind a control socket. */
export async function greet(path: string): Promise<Found> {
  for await (const line of linesOf(connect(path))) {
    if (line === 'silent') return { kind: 'silent', socket: path };
    return { kind: 'supervisor', socket: path, greeting: JSON.parse(line) as ControlGreeting };
  }
  return { kind: 'gone' };
}

/** Asks for a reload and waits until it is done, for as long as the supervisor says that it goes on. */
export async function askToReload(path: string): Promise<Asked> {
  const socket = connect(path);
  socket.write(`${reloadOrder}\n`);
  let isGreeted = false;
  for await (const line of linesOf(socket)) {
    if (line === 'silent') return { kind: 'silent' };
    if (isGreeted) {
      const answer = JSON.parse(line) as ControlAnswer;
      if (answer.kind !== 'under way') return answer;
    }
    isGreeted = true;
  }
  return { kind: 'gone' };
}

/** Each line as it comes; 'silent' when none comes in time; the end for whatever reason is the end of the lines. */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let isSilent = false;
  socket.setTimeout(silenceMs, () => {
    isSilent = true;
    socket.destroy();
  });
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    // What is said of a connection that fails is that it ended.
  } finally {
    socket.destroy();
  }
  if (isSilent) yield 'silent';
}

const silenceMs = 5000;
