import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRules } from '../../src/rules/rules.ts';
import { SiteRules } from '../../src/server/site-rules.ts';
import { cachedStore } from '../../src/store/cache.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { Look, OpenFailure, Store } from '../../src/store/store.ts';

for (const failure of ['busy', 'denied'] satisfies readonly OpenFailure[]) {
  test(`nothing rests on rules whose file was ${failure} when it was to be read`, async () => {
    const files = memoryStore({ _redirects: '/gone/* /gone.html 404!' });
    let opens = false;
    const store: Store = {
      find: segments => files.find(segments),
      list: segments => files.list(segments),
      open: async file => (opens ? files.open(file) : failure),
    };
    let elapsedMs = 0;
    const clocks = { now: () => Date.now() + 60_000, elapsed: () => elapsedMs };
    const bounds = { cacheBytesMax: 1e6, cachedContentBytesMax: 1e6, revalidateMs: 1000 };
    const rules = new SiteRules({
      store: cachedStore(store, { ...bounds, ...clocks }),
      before: noRules,
      after: noRules,
      dialect: 'netlify',
      windows: false,
      ...clocks,
      report: assert.fail,
      tell: undefined,
    });
    const areFresh = (looks: readonly Look[]): boolean => looks.every(look => look.isFresh(elapsedMs));
    const without: Look[] = [];
    await rules.renew(without);
    assert.equal(rules.ruling, undefined);
    assert.ok(!areFresh(without));
    opens = true;
    elapsedMs = 2000;
    const read: Look[] = [];
    await rules.renew(read);
    assert.notEqual(rules.ruling, undefined);
    // The file is what it was: what was answered without its rules must not come to life with it.
    assert.ok(!areFresh(without));
    assert.ok(areFresh(read));
  });
}
