/**
 * A JavaScript bundle that nobody wrote: minified modules of functions, calls, objects and strings, whose names recur
 * as names do, a few of them everywhere and most of them seldom. The same on every run. Pure.
 */

/** A bundle of exactly so many bytes of ASCII. */
export function bundle(bytes: number): Buffer {
  const draw = drawing(20_261_122);
  const words = vocabulary(draw);
  const parts = ['"use strict";(()=>{var __defs={};'];
  let length = 0;
  while (length < bytes) {
    const part = module(draw, words);
    parts.push(part);
    length += part.length;
  }
  const tail = '})();\n';
  return Buffer.from(parts.join('').slice(0, bytes - tail.length) + tail);
}

/** A number from 0 up to, but not including, the one given. */
type Draw = (below: number) => number;

const syllables =
  'ac al an ar at ca ce co con con de der di do e en er es ex fi for ge get han i in ing is key la le li lo ma me men mo na ne node o on op or out par per po pre pro ra re ren ri ro sa se set si sta ste te ter ti tion to tor u un up va val ve view'.split(
    ' ',
  );
const wordCount = 2400;
const statementsMax = 9;
const depthMax = 3;

/** Numbers that look random: a linear congruential generator, in whole numbers only, so that no platform differs. */
function drawing(seed: number): Draw {
  let state = seed;
  return below => {
    state = (state * 48271) % 2147483647;
    return Math.floor((state / 2147483647) * below);
  };
}

function vocabulary(draw: Draw): readonly string[] {
  const words = new Set<string>();
  while (words.size < wordCount) {
    const pieces = Array.from({ length: 2 + draw(3) }, () => pick(draw, syllables));
    words.add(pieces.map((piece, index) => (index > 1 ? capital(piece) : piece)).join(''));
  }
  return [...words];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pick<Value>(draw: Draw, values: readonly Value[]): Value {
  return values[draw(values.length)] as Value;
}

/** The n-th name is drawn about half as often as the one at n / 2, as in texts that people write. */
function common(draw: Draw, words: readonly string[]): string {
  const place = words.length ** (draw(1000) / 1000) * (1 + draw(1000) / 1000) - 1;
  return words[Math.min(Math.floor(place), words.length - 1)] ?? '';
}

/** A name as a minifier gives it. */
function short(draw: Draw): string {
  const letters = 'abcdefghijklmnoprstuvwxyzABCDEIMNOPRST';
  const first = letters.charAt(draw(1 + draw(letters.length)));
  return draw(4) === 0 ? first + letters.charAt(draw(letters.length)) : first;
}

function module(draw: Draw, words: readonly string[]): string {
  const name = `./src/${common(draw, words)}/${common(draw, words)}${capital(common(draw, words))}.js`;
  const exported = Array.from({ length: 1 + draw(4) }, () => common(draw, words));
  const body = Array.from({ length: 3 + draw(12) }, () => statement(draw, words, 0)).join('');
  const exports = exported.map(word => `${word}:()=>${short(draw)}`).join(',');
  return `__defs["${name}"]=(e,t,n)=>{n.d(t,{${exports}});${body}};`;
}

function statement(draw: Draw, words: readonly string[], depth: number): string {
  const say = (): string => expression(draw, words, depth + 1);
  const block = (): string =>
    Array.from({ length: 1 + draw(statementsMax >> depth) }, () => statement(draw, words, depth + 1)).join(
      '',
    );
  const kind = depth >= depthMax ? 5 + draw(4) : draw(9);
  const [a, b] = [short(draw), short(draw)];
  switch (kind) {
    case 0:
      return `function ${a}(${b},${short(draw)}){${block()}return ${say()}}`;
    case 1:
      return `if(${b}.${common(draw, words)}===${say()}){${block()}}`;
    case 2:
      return `for(const ${a} of ${b}.${common(draw, words)}){${block()}}`;
    case 3:
      return `class ${capital(common(draw, words))} extends ${a}{constructor(e){super(e);this.${common(draw, words)}=${say()}}${common(draw, words)}(e){${block()}}}`;
    case 4:
      return `try{${block()}}catch(${a}){throw new Error("${sentence(draw, words)}")}`;
    case 5:
      return `const ${a}=${say()};`;
    case 6:
      return `${a}.${common(draw, words)}=${say()};`;
    case 7:
      return `return ${say()};`;
    default:
      return `${a}.${common(draw, words)}(${say()},${say()});`;
  }
}

function expression(draw: Draw, words: readonly string[], depth: number): string {
  const say = (): string => expression(draw, words, depth + 1);
  const word = (): string => common(draw, words);
  switch (depth > depthMax ? draw(5) : draw(10)) {
    case 0:
      return short(draw);
    case 1:
      return `${short(draw)}.${word()}`;
    case 2:
      return String(draw(10) < 7 ? draw(10) : draw(100_000));
    case 3:
      return `"${draw(3) === 0 ? sentence(draw, words) : word()}"`;
    case 4:
      return `(0,${short(draw)}.${word()})(${short(draw)})`;
    case 5:
      return `{${word()}:${say()},${word()}:${say()},${word()}:${say()}}`;
    case 6:
      return `(0,r.jsx)("${pick(draw, ['div', 'span', 'button', 'li', 'a', 'section'])}",{className:"${word()}-${word()}",children:${say()}})`;
    case 7:
      return `${short(draw)}?${say()}:${say()}`;
    case 8:
      return `[${say()},${say()}]`;
    default:
      return `${short(draw)}=>${short(draw)}.${word()}(${say()})`;
  }
}

function sentence(draw: Draw, words: readonly string[]): string {
  return Array.from({ length: 3 + draw(6) }, () => common(draw, words)).join(' ');
}
