import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { negotiate } from '../../src/http/negotiation.ts';

const html = 'text/html';
const json = 'application/json';
const plain = 'text/plain';
const offers = [html, plain, json];

test('the offer with the greatest weight wins, and among equals the first', () => {
  const rows: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, html],
    ['', html],
    [' , ', html],
    ['*/*', html],
    ['*', html],
    ['text/*', html],
    ['application/json', json],
    ['APPLICATION/JSON', json],
    ['application/json, text/html', html],
    ['application/json, text/html;q=0.9', json],
    ['application/json;q=0.5,text/*;q=0.4', json],
    ['text/html;q=0.1, */*;q=0.2', plain],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', html],
    ['application/*', json],
    ['image/png', undefined],
    ['text/html;q=0', undefined],
    ['text/html;q=0, */*', plain],
    ['*/*;q=0', undefined],
    ['text/*;q=0.000, application/json;q=0.001', json],
  ];
  for (const [accept, expected] of rows) assert.equal(negotiate(accept, offers), expected, accept);
});

test('the most specific range decides, wherever it stands', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['*/*;q=1, text/*;q=0.5, text/html;q=0.1', json],
    ['text/html;q=0.1, text/*;q=0.5, */*;q=1', json],
    ['text/html, text/*;q=0', html],
    ['text/*, text/html;q=0', plain],
    ['*/*;q=0, text/plain', plain],
  ];
  for (const [accept, expected] of rows) assert.equal(negotiate(accept, offers), expected, accept);
});

test('parameters must be those of the offer, and make a range more specific', () => {
  const levels = ['text/html;level=1', 'text/html;level=2', 'text/html'];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['text/html;level=1;q=0.1, text/html;level=2;q=0.9, text/html;q=0.5', levels[1]],
    ['text/html;level=3', undefined],
    ['text/html;LEVEL="2"', levels[1]],
    ['text/html; level=2 ;q=1', levels[1]],
    ['text/html;level="\\2"', levels[1]],
    ['text/html', levels[0]],
    ['text/html;q=0.5;ext=1', levels[0]],
  ];
  for (const [accept, expected] of rows) assert.equal(negotiate(accept, levels), expected, accept);
});

test('a malformed element is as if it were not there', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['text, application/json', json],
    ['/, application/json', json],
    ['text/, application/json', json],
    ['*/html, application/json', json],
    ['text/html;q=2, application/json', json],
    ['text/html;q=-1, application/json', json],
    ['text/html;q=0.1234, application/json', json],
    ['text/html;q=1.5, application/json', json],
    ['text/html;q=, application/json', json],
    ['text/html;q, application/json', json],
    ['text/html;level, application/json', json],
    ['text/html;a=b c, application/json', json],
    ['text /html, application/json', json],
    ['text/html/x, application/json', json],
    ['text/html;a="b, application/json', html],
    ['application/json, text/html;a="b', json],
    ['application/json, text/html;a="b\\', json],
    ['text/html;a="x,text/plain;\\"", application/json', json],
    ['text/html;a="b"c"', html],
    ['nonsense', html],
  ];
  for (const [accept, expected] of rows) assert.equal(negotiate(accept, offers), expected, accept);
});

test('weights of every legal form count', () => {
  for (const weight of ['1', '1.', '1.0', '1.000', '0.001', '0.5', '0.', '0']) {
    const isAccepted = Number(weight) > 0;
    assert.equal(negotiate(`text/html;Q=${weight}`, offers), isAccepted ? html : undefined, weight);
  }
});

test('nothing is chosen from nothing, nor an offer that is no media type while the client has a wish', () => {
  assert.equal(negotiate('*/*', []), undefined);
  assert.equal(negotiate(undefined, []), undefined);
  assert.equal(negotiate('*/*', ['nonsense', json]), json);
});

test('negotiating never throws and answers an offer or nothing', () => {
  const near = fc.string({
    unit: fc.constantFrom('text', '/', 'html', '*', ';', 'q=', '0.5', ',', '"', '\\', ' ', '='),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), accept => {
      const chosen = negotiate(accept, offers);
      assert.ok(chosen === undefined || offers.includes(chosen));
    }),
  );
});

test('every field of the right form is understood: accepting only one offer chooses it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...offers), fc.integer({ min: 1, max: 1000 }), (offer, thousandths) => {
      const weight = (thousandths / 1000).toFixed(3);
      assert.equal(negotiate(`${offer};q=${weight}, */*;q=0`, offers), offer);
    }),
  );
});
