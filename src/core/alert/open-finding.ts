import { formatMs } from '../time.ts';
import { rule, type Alert } from './alert.ts';
import { linksOf, type LinkSettings } from './links.ts';

/** What was last said of a finding that is open. */
export type OpenFinding = Pick<
  Alert,
  | 'findingKey'
  | 'rule'
  | 'severity'
  | 'caller'
  | 'ip'
  | 'windowStart'
  | 'windowEnd'
  | 'row'
  | 'indicators'
  | 'corroboration'
  | 'allowLists'
  | 'truncated'
  | 'links'
  | 'silenced'
>;

/** A finding as it is kept: what was last emitted of it, and whether it is open. */
interface KeptFinding {
  readonly key: string;
  readonly isOpen: boolean;
  readonly isHeard: boolean;
  readonly silence: Alert['silenced'];
  readonly last: Pick<
    OpenFinding,
    'severity' | 'row' | 'indicators' | 'corroboration' | 'allowLists' | 'truncated'
  > | null;
}

/** What an engine keeps of its findings, and the boundary at which it judges them next. */
interface Kept {
  readonly findings: { all(): Iterable<KeptFinding> };
  readonly boundary: number;
  readonly options: { readonly lookbackMs: number; readonly links: LinkSettings };
}

/**
 * The findings that are open, each with the window that it is judged over next. `onlyHeard` leaves out those of which
 * all that was told was silenced.
 */
export function openFindings({ findings, boundary, options }: Kept, onlyHeard: boolean): readonly OpenFinding[] {
  const window = { windowStart: formatMs(boundary - options.lookbackMs), windowEnd: formatMs(boundary) };
  return [...findings.all()].flatMap(({ key, isOpen, isHeard, last, silence: silenced }) => {
    if (!isOpen || last === null || (onlyHeard && !isHeard)) return [];
    const { Caller: caller, TI_IP: ip, AffectedResources: resources } = last.row;
    const links = linksOf(options.links, ip, resources);
    return [{ ...last, silenced, findingKey: key, rule, caller, ip, ...window, links }];
  });
}
