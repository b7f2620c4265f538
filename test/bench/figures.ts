/** One thing that was measured, several times. */
export interface Figure {
  readonly name: string;
  readonly unit: 's' | 'ms' | 'ns' | 'MB' | 'KB' | 'B' | '×' | 'count';
  readonly values: readonly number[];
}

function digits(value: number): number {
  return value >= 100 ? 0 : value >= 10 ? 1 : 2;
}

function written(value: number, unit: Figure['unit']): string {
  return unit === 'count' ? String(value) : value.toFixed(digits(value));
}

/** The middle value; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}

/** Figures as the rows of a Markdown table: median, least and greatest, number of repetitions. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, values }) => {
    const [middle, least, greatest] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
      written(value, unit),
    );
    return `| ${name} | ${middle} | ${least} – ${greatest} | ${unit === 'count' ? '' : unit} | ${values.length} |`;
  });
  return ['| figure | median | least – greatest | unit | n |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}
