import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barPlot, type LinePlot, linePlot, shortNumber, spreadApart, ticksTo } from '../../bench/plot.ts';

const plot: LinePlot = {
  title: 'CPU <by> size',
  across: 'file size',
  places: [1, 4, 16].map(value => ({ label: `${value} KiB`, value })),
  series: [
    { name: 'plinth', values: [7, 8, 12] },
    { name: 'nginx & co', values: [10, Number.NaN, 15] },
    { name: 'absent', values: [Number.NaN, Number.NaN, Number.NaN] },
  ],
  scale: 'linear',
  best: 'least',
  unit: 'CPU µs',
};

function pointsOf(svg: string): number[][][] {
  return [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = '']) =>
    points.split(' ').map(point => point.split(',').map(Number)),
  );
}

for (const scale of ['linear', 'log'] as const) {
  test(`a ${scale} plot has a line for each series that has values, and a gap where one is missing`, () => {
    const svg = linePlot({ ...plot, scale });
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    const [nginx, plinth] = pointsOf(svg);
    assert.equal(pointsOf(svg).length, 2);
    assert.equal(nginx?.length, 2);
    assert.equal(plinth?.length, 3);
    const heights = plinth?.map(([, y]) => y ?? 0) ?? [];
    assert.deepEqual(
      heights,
      heights.toSorted((a, b) => b - a),
      'more is higher',
    );
    assert.doesNotMatch(svg, /absent/);
  });
}

test('powers of the horizontal axis are evenly apart', () => {
  const [a = 0, b = 0, c = 0] = pointsOf(linePlot(plot))[1]?.map(([x]) => x) ?? [];
  assert.ok(b > a && Math.abs(c - b - (b - a)) < 0.2);
});

test('the caption names the unit, the scale where it is logarithmic, and which way is better', () => {
  assert.match(linePlot(plot), />CPU µs; less is better</);
  assert.match(linePlot({ ...plot, scale: 'log', best: 'most' }), />CPU µs, logarithmic; more is better</);
});

test('words are escaped, and a dark page has colours of its own', () => {
  const svg = linePlot(plot);
  assert.match(svg, /<title>CPU &lt;by&gt; size<\/title>/);
  assert.match(svg, />nginx &amp; co</);
  assert.match(svg, /@media\(prefers-color-scheme:dark\)/);
});

test('the longest bar is the largest value, and each has its figure', () => {
  const svg = barPlot({
    title: 'CPU',
    unit: 'CPU µs',
    best: 'least',
    digits: 1,
    bars: [
      { name: 'plinth', value: 7.25 },
      { name: 'serve', value: 400 },
      { name: 'gone', value: Number.NaN },
    ],
  });
  assert.doesNotMatch(svg, /NaN|gone/);
  assert.match(svg, />7\.3</);
  const lengths = [...svg.matchAll(/class="bar" d="M\d+ \d+h([\d.]+)/g)].map(([, length]) => Number(length));
  assert.ok(lengths.length === 2 && (lengths[0] ?? 0) < (lengths[1] ?? 0) / 10);
});

test('ticks are round, begin at zero and reach the largest value', () => {
  const rows: [most: number, wanted: number[]][] = [
    [100, [0, 25, 50, 75, 100]],
    [118_000, [0, 50_000, 100_000, 150_000]],
    [7.2, [0, 2, 4, 6, 8]],
  ];
  for (const [most, wanted] of rows) assert.deepEqual(ticksTo(most), wanted, `to ${most}`);
});

test('numbers of an axis are short', () => {
  const rows: [value: number, wanted: string][] = [
    [0, '0'],
    [0.5, '0.5'],
    [20, '20'],
    [1500, '1.5k'],
    [2e6, '2M'],
  ];
  for (const [value, wanted] of rows) assert.equal(shortNumber(value), wanted);
});

test('labels that would lie on one another are moved apart and keep their order', () => {
  const [a = 0, b = 0, c = 0] = spreadApart([100, 102, 300]);
  assert.ok(b - a > 16.9 && c === 300);
});
