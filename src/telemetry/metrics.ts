import type { Definition, definitions, LabelValues } from './definitions.ts';

type Table = typeof definitions;

type NamesOf<Type extends Definition['type']> = {
  [Name in keyof Table]: Table[Name]['type'] extends Type ? Name : never;
}[keyof Table];

export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
type MetricName = keyof Table;

type ValueOf<Values> = Values extends readonly (infer Value extends string)[] ? Value : string;

type LabelsIn<Labels extends Readonly<Record<string, LabelValues>>> = keyof Labels extends never
  ? Readonly<Record<string, never>>
  : { readonly [Label in keyof Labels]: ValueOf<Labels[Label]> };

/** Exactly the labels of a metric; values of a closed set are checked by the compiler. */
export type LabelsOf<Name extends MetricName> = LabelsIn<Table[Name]['labels']>;

/** Counts as it happens. */
export interface Metrics {
  /** Adds to a counter, 1 unless told otherwise. Throws RangeError for a negative amount. */
  increment<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount?: number): void;
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
}

/** Takes what others hold at the moment of a scrape; series not written again at the next scrape vanish. */
export interface Scrape {
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** The total of a counter that another part keeps. It must never fall while the process lives. */
  total<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, value: number): void;
}
