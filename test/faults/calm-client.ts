// A client that asks without haste while others attack, and loses patience at the first wrong answer.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { type Place, RawConnection, requestBytes } from '../wire/client.ts';

/** What a calm client saw. */
export interface Calm {
  readonly answers: number;
  readonly worstMs: number;
}

/**
 * Asks for `target` every 50 ms, each time on a fresh connection and on one that is kept, while `attack` is under
 * way, and at least ten times. Every answer must be 200 with this content, and the kept connection must last.
 */
export async function stayCalm(
  place: Place,
  target: string,
  content: string,
  attack: Promise<unknown>,
): Promise<Calm> {
  let isOver = false;
  const over = attack.finally(() => {
    isOver = true;
  });
  // Awaited below; a failure must not pass for one that nobody took meanwhile.
  over.catch(() => {});
  let answers = 0;
  let worstMs = 0;
  const kept = await RawConnection.open(place);
  const ask = async (connection: RawConnection): Promise<void> => {
    const begunMs = performance.now();
    connection.write(requestBytes({ method: 'GET', target, fields: [] }));
    const response = await connection.response();
    assert.equal(response.status, 200);
    assert.equal(response.content.toString('latin1'), content);
    worstMs = Math.max(worstMs, performance.now() - begunMs);
    answers += 1;
  };
  const askFresh = async (): Promise<void> => {
    const fresh = await RawConnection.open(place);
    await ask(fresh);
    fresh.destroy();
  };
  try {
    while (!isOver || answers < 10) {
      await Promise.all([ask(kept), askFresh(), setTimeout(50)]);
    }
  } finally {
    kept.destroy();
  }
  await over;
  return { answers, worstMs };
}
