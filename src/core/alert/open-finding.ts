import type { Engine } from '../engine.ts';
import { formatMs } from '../time.ts';
import { rule, type Alert } from './alert.ts';

/** What was last said of a finding that is open. */
export type OpenFinding = Pick<
  Alert,
  | 'findingKey'
  | 'rule'
  | 'caller'
  | 'ip'
  | 'windowStart'
  | 'windowEnd'
  | 'row'
  | 'indicators'
  | 'corroboration'
  | 'truncated'
>;

/** The open findings, each with the window that it is judged over next. */
export function openFindings(engine: Pick<Engine, 'findings' | 'boundary' | 'options'>): readonly OpenFinding[] {
  const { boundary, options } = engine;
  const window = { windowStart: formatMs(boundary - options.lookbackMs), windowEnd: formatMs(boundary) };
  return [...engine.findings.all()].flatMap(({ key, isOpen, last }) =>
    isOpen && last !== null
      ? [{ findingKey: key, rule, caller: last.row.Caller, ip: last.row.TI_IP, ...window, ...last }]
      : [],
  );
}
