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

/** A finding as it is kept: what was last emitted of it, and whether it is open. */
interface KeptFinding {
  readonly key: string;
  readonly isOpen: boolean;
  readonly last: Pick<OpenFinding, 'row' | 'indicators' | 'corroboration' | 'truncated'> | null;
}

/** The findings that are open, each with the window that ends at the boundary at which it is judged next. */
export function openFindings(
  findings: Iterable<KeptFinding>,
  boundary: number,
  lookbackMs: number,
): readonly OpenFinding[] {
  const window = { windowStart: formatMs(boundary - lookbackMs), windowEnd: formatMs(boundary) };
  return [...findings].flatMap(({ key, isOpen, last }) =>
    isOpen && last !== null
      ? [{ ...last, findingKey: key, rule, caller: last.row.Caller, ip: last.row.TI_IP, ...window }]
      : [],
  );
}
