/**
 * Plots as SVG text: lines that grow along an axis, and bars side by side. Pure. Each file carries its own colours for
 * light and dark pages, and each series its own marker and its name beside its end, so that none needs colour.
 */

/** Values that are shown along an axis or by length. */
interface Series {
  readonly name: string;
  /** One value for each place of the axis; NaN where there is none. */
  readonly values: readonly number[];
}

/** A place on the horizontal axis; its distance from the others is that of the logarithms. */
export interface Place {
  readonly label: string;
  readonly value: number;
}

/** Lines over a logarithmic horizontal axis. */
export interface LinePlot {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  readonly across: string;
  readonly places: readonly Place[];
  readonly series: readonly Series[];
  /** 'log' for values that span powers of ten; else the axis begins at zero. */
  readonly scale: 'linear' | 'log';
  readonly best: 'most' | 'least';
}

/** One bar for each name, in the order given. */
export interface BarPlot {
  readonly title: string;
  readonly unit: string;
  readonly best: 'most' | 'least';
  readonly bars: readonly { readonly name: string; readonly value: number }[];
  readonly digits: number;
}

const width = 760;
const height = 420;
const frame = { left: 64, right: 640, top: 72, bottom: 360 };
const captionY = 50;
const labelGap = 17;
const markerNames = ['circle', 'square', 'diamond', 'triangle', 'down', 'ring'] as const;

/** Lines of each series with a grid behind them and their names at their right ends. */
export function linePlot(plot: LinePlot): string {
  const shown = plot.series.filter(({ values }) => values.some(Number.isFinite));
  const toX = acrossScale(plot.places);
  const { toY, ticks } = upScale(
    shown.flatMap(({ values }) => values.filter(Number.isFinite)),
    plot.scale,
  );
  const grid = ticks.map(tick => {
    const y = fixed(toY(tick));
    return `<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>${text('axis', frame.left - 10, toY(tick) + 4, shortNumber(tick), 'end')}`;
  });
  const places = plot.places.map(({ label, value }) => text('axis', toX(value), frame.bottom + 22, label));
  const labels = spreadApart(shown.map(({ values }) => toY(lastOf(values))));
  const lines = shown.map((series, index) => {
    const points = plot.places
      .map(({ value }, at) => ({ x: toX(value), value: series.values[at] ?? Number.NaN }))
      .filter(({ value }) => Number.isFinite(value))
      .map(({ x, value }) => ({ x, y: toY(value) }));
    const path = points.map(({ x, y }) => `${fixed(x)},${fixed(y)}`).join(' ');
    const last = points.at(-1);
    const labelY = labels[index] ?? 0;
    const look = lookOf(series.name, index);
    return [
      `<g class="c${look}">`,
      `<polyline class="line" points="${path}"/>`,
      ...points.map(({ x, y }) => marker(look, x, y)),
      last === undefined
        ? ''
        : `<line class="leader" x1="${fixed(last.x + 7)}" y1="${fixed(last.y)}" x2="${frame.right + 14}" y2="${fixed(labelY)}"/>`,
      text('name', frame.right + 18, labelY + 4, series.name, 'start'),
      '</g>',
    ].join('');
  });
  // The first series is ours: drawn last, it lies on top.
  const caption = `${plot.unit}${plot.scale === 'log' ? ', logarithmic' : ''}; ${inWords(plot.best)}`;
  return svg(plot.title, height, [
    text('axis', 20, captionY, caption, 'start'),
    ...grid,
    ...places,
    text('axis', (frame.left + frame.right) / 2, height - 14, plot.across),
    ...lines.reverse(),
  ]);
}

/** Horizontal bars with their names at the left and their values at the right. */
export function barPlot(plot: BarPlot): string {
  const shown = plot.bars.filter(({ value }) => Number.isFinite(value));
  const most = Math.max(...shown.map(({ value }) => value), Number.MIN_VALUE);
  const [left, longest, step, top] = [112, 540, 32, 72];
  const bars = shown.map(({ name, value }, index) => {
    const y = top + index * step;
    const length = Math.max(2, (value / most) * longest);
    return [
      `<g class="c${lookOf(name, index)}">`,
      text('name', left - 12, y + 15, name, 'end'),
      `<path class="bar" d="M${left} ${y}h${fixed(length - 2)}q2 0 2 2v16q0 2 -2 2h-${fixed(length - 2)}z"/>`,
      text('value', left + length + 8, y + 15, withDigits(value, plot.digits), 'start'),
      '</g>',
    ].join('');
  });
  const caption = text('axis', 20, captionY, `${plot.unit}; ${inWords(plot.best)}`, 'start');
  return svg(plot.title, top + shown.length * step + 12, [caption, ...bars]);
}

function inWords(best: 'most' | 'least'): string {
  return best === 'most' ? 'more is better' : 'less is better';
}

/** A number as short as an axis wants it: 0.5, 20, 1.5k, 2M. */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

/** Round values from zero to or just over the largest, four to six of them. */
export function ticksTo(most: number): readonly number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= rough) ?? most;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Positions moved as little as needed to be apart enough for a line of text each; in the order given. */
export function spreadApart(positions: readonly number[]): readonly number[] {
  const order = positions.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  // Each pass parts neighbours that are too near by half of what is missing each.
  for (let pass = 0; pass < 200; pass++) {
    for (const [at, upper] of order.entries()) {
      const lower = order[at + 1];
      if (lower === undefined) continue;
      const missing = (labelGap - (lower.y - upper.y)) / 2;
      if (missing <= 0) continue;
      upper.y -= missing;
      lower.y += missing;
    }
  }
  return order.sort((a, b) => a.index - b.index).map(({ y }) => y);
}

function acrossScale(places: readonly Place[]): (value: number) => number {
  const logs = places.map(({ value }) => Math.log(value));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const [from, to] = [frame.left + 24, frame.right - 12];
  return value =>
    most === least ? (from + to) / 2 : from + ((Math.log(value) - least) / (most - least)) * (to - from);
}

function upScale(
  values: readonly number[],
  scale: LinePlot['scale'],
): { readonly toY: (value: number) => number; readonly ticks: readonly number[] } {
  const room = frame.bottom - frame.top;
  if (scale === 'linear' || values.length === 0) {
    const ticks = ticksTo(Math.max(...values, Number.MIN_VALUE));
    const most = ticks.at(-1) ?? 1;
    return { toY: value => frame.bottom - (value / most) * room, ticks };
  }
  const least = Math.floor(Math.log10(Math.min(...values)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))));
  const powers = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index));
  return {
    toY: value => frame.bottom - ((Math.log10(value) - least) / (most - least)) * room,
    ticks: powers,
  };
}

function marker(look: number, x: number, y: number): string {
  const [cx, cy] = [fixed(x), fixed(y)];
  const kind = markerNames[look % markerNames.length] ?? 'circle';
  switch (kind) {
    case 'circle':
      return `<circle class="mark" cx="${cx}" cy="${cy}" r="4.5"/>`;
    case 'square':
      return `<rect class="mark" x="${fixed(x - 4)}" y="${fixed(y - 4)}" width="8" height="8"/>`;
    case 'diamond':
      return `<path class="mark" d="M${cx} ${fixed(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>`;
    case 'triangle':
      return `<path class="mark" d="M${cx} ${fixed(y - 5)}l5 9h-10z"/>`;
    case 'down':
      return `<path class="mark" d="M${cx} ${fixed(y + 5)}l5 -9h-10z"/>`;
    case 'ring':
      return `<circle class="mark hollow" cx="${cx}" cy="${cy}" r="4"/>`;
    default:
      return kind satisfies never;
  }
}

/** Servers keep their colour and marker from plot to plot; whoever has none of its own takes one by place. */
function lookOf(name: string, index: number): number {
  const place = lookOrder.indexOf(name);
  return place === -1 ? index % colours.length : place;
}

const lookOrder: readonly string[] = [
  ...['plinth', 'floor', 'nginx', 'node:http', 'lighttpd', 'h2o', 'sirv-cli', 'serve', 'http-server'],
  ...['newer-node', 'nginx-read'],
];
/** Each legible on its page: on white and on near-black. */
const colours: readonly (readonly [light: string, dark: string])[] = [
  ['#c2255c', '#ff6b9d'],
  ['#6b7280', '#9ca3af'],
  ['#15803d', '#4ade80'],
  ['#1d4ed8', '#7aa2ff'],
  ['#7c3aed', '#c4a1ff'],
  ['#b45309', '#fbbf24'],
  ['#0e7490', '#67e8f9'],
  ['#4d7c0f', '#bef264'],
  ['#9f1239', '#fda4af'],
  ['#9333ea', '#d8b4fe'],
  ['#047857', '#6ee7b7'],
];

const style = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif}',
  '.title{font-size:16px;font-weight:600}.value{font-variant-numeric:tabular-nums}.c0 .name,.c0 .value{font-weight:700}',
  '.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.c0 .line{stroke-width:3}',
  '.grid,.leader{stroke-width:1}.hollow{stroke-width:2}',
  ...colouring('#ffffff', '#1f2328', '#59636e', '#d8dee4', 0),
  `@media(prefers-color-scheme:dark){${colouring('#0d1117', '#f0f6fc', '#9198a1', '#30363d', 1).join('')}}`,
].join('');

function colouring(back: string, ink: string, quiet: string, grid: string, shade: 0 | 1): readonly string[] {
  return [
    `.back{fill:${back}}.title,.value{fill:${ink}}.axis{fill:${quiet}}.grid,.leader{stroke:${grid}}.hollow{fill:${back}}`,
    ...colours.map(
      (pair, index) =>
        `.c${index} .line,.c${index} .hollow{stroke:${pair[shade]}}.c${index} .mark:not(.hollow),.c${index} .bar,.c${index} .name{fill:${pair[shade]}}`,
    ),
  ];
}

function svg(title: string, tall: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" width="${width}" height="${tall}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="back" width="${width}" height="${tall}" rx="8"/>`,
    text('title', 20, 30, title, 'start'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function text(kind: string, x: number, y: number, words: string, anchor = 'middle'): string {
  return `<text class="${kind}" x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function lastOf(values: readonly number[]): number {
  return values.findLast(Number.isFinite) ?? 0;
}

function fixed(value: number): string {
  return trimmed(value, 1);
}

function trimmed(value: number, digits = 2): string {
  return String(Number(value.toFixed(digits)));
}

function withDigits(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
