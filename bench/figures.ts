/** Which plots a part of the page has, what they are called, and what they say to whoever cannot see them. Pure. */
import { barPlot, linePlot } from './plot.ts';
import { type Growth, medians, type Section, type Table } from './sections.ts';
import { median } from './turns.ts';

/** A plot of the page. */
export interface Figure {
  /** Its name in docs/benchmarks/. */
  readonly file: string;
  /** The same in words. */
  readonly alt: string;
  readonly svg: string;
}

/** The plots of a part of the page, in the order in which it shows them. */
export function figuresOf(part: Section): readonly Figure[] {
  return part.kind === 'table' ? tableFigures(part) : growthFigures(part);
}

function tableFigures(table: Table): readonly Figure[] {
  return (table.bars ?? []).map(column => {
    const at = table.columns.indexOf(column);
    const title = `${column.words}: ${table.title}`;
    const bars = [...table.results].flatMap(([name, result]) =>
      result.kind === 'measured' ? [{ name, value: median(result.columns[at] ?? []) }] : [],
    );
    bars.sort((a, b) => (column.best === 'most' ? b.value - a.value : a.value - b.value));
    return {
      file: `${table.name}-${column.file}.svg`,
      alt: `${title}: ${bars.map(({ name, value }) => `${name} ${inWords(value)}`).join(', ')}`,
      svg: barPlot({ title, unit: column.title, best: column.best, bars, digits: column.digits }),
    };
  });
}

function growthFigures(growth: Growth): readonly Figure[] {
  const { places, along, columns } = growth;
  return columns.map(({ words, file, best, title: unit }, index) => {
    const title = `${words} by ${along}`;
    const series = [...medians(growth, index)].map(([name, values]) => ({ name, values }));
    const ends = [places[0]?.label, places.at(-1)?.label];
    const said = series
      .filter(({ values }) => values.every(Number.isFinite))
      .map(({ name, values }) => `${name} ${inWords(values[0])} to ${inWords(values.at(-1))}`);
    return {
      file: `${growth.name}-${file}.svg`,
      alt: `${title}, from ${ends.join(' to ')}: ${said.join(', ')}`,
      svg: linePlot({ title, unit, across: along, places, series, scale: growth.scale, best }),
    };
  });
}

function inWords(value = Number.NaN): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}
