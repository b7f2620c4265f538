import { parseAddress, formatAddress, type Address } from '../../src/core/address.ts';
import { Silences } from '../../src/core/alert/silences.ts';
import type { SkippedQuery } from '../../src/core/intel/skipped-list.ts';
import type { DeadLetter } from '../../src/core/ports.ts';
import type { HealthReport, HealthStatus } from '../../src/pipeline/health-report.ts';
import { type SilenceItem, silenceItem, type SilencesView, silencesView } from '../../src/pipeline/silence-views.ts';
import type {
  AddressView,
  AlertsQuery,
  IntelView,
  ServiceViews,
  SkippedView,
  WindowItem,
  WindowsQuery,
} from '../../src/pipeline/views.ts';
import { windowPage, type WindowSummary } from '../../src/pipeline/window-page.ts';
import { aRow, anAlert, anIndicator } from './sample-alert.ts';

/** Views over a list of windows; remembers what it was asked. */
export class MemoryViews implements ServiceViews {
  windowsHeld: WindowSummary[] = [];
  healthStatus: HealthStatus = 'pass';
  isReady = true;
  failure: Error | null = null;
  readonly askedWindows: WindowsQuery[] = [];
  readonly askedAlerts: AlertsQuery[] = [];
  readonly askedAddresses: Address[] = [];
  readonly askedSkipped: SkippedQuery[] = [];
  letters: DeadLetter[] = [];

  health(): HealthReport {
    if (this.failure !== null) throw this.failure;
    return {
      status: this.healthStatus,
      version: '1',
      releaseId: '0.0.0',
      serviceId: 'tidewatch',
      description: 'memory',
      notes: [],
      checks: {},
    };
  }

  ready(): { ready: boolean; reason: string } {
    return { ready: this.isReady, reason: this.isReady ? 'ready' : 'No index yet' };
  }

  metrics(): Promise<{ contentType: string; body: string }> {
    return Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'up 1\n' });
  }

  windows(query: WindowsQuery): ReturnType<ServiceViews['windows']> {
    this.askedWindows.push(query);
    const page = windowPage(this.windowsHeld, query, describeWindow);
    return {
      ...page,
      windowStart: '2026-02-28T12:00:00Z',
      windowEnd: '2026-03-01T12:00:00Z',
      asOf: '2026-03-01T11:40:00Z',
    };
  }

  address(address: Address): AddressView {
    this.askedAddresses.push(address);
    return {
      ip: formatAddress(address),
      windowStart: '2026-02-28T12:00:00Z',
      windowEnd: '2026-03-01T12:00:00Z',
      asOf: '2026-03-01T11:40:00Z',
      excluded: false,
      indicators: [],
      windows: this.windowsHeld.filter((window) => window.address === address).map(describeWindow),
      signIns: [],
      partial: null,
    };
  }

  readonly silencesHeld = new Silences(10, false);

  silences(withEnded: boolean): SilencesView {
    return silencesView(this.silencesHeld, withEnded, Date.UTC(2026, 2, 1, 11, 40));
  }

  silence(id: string): SilenceItem | null {
    return silenceItem(this.silencesHeld, id, Date.UTC(2026, 2, 1, 11, 40));
  }

  feeds(): readonly string[] {
    return ['feed-a', 'feed-b'];
  }

  intel(address: Address): Promise<IntelView> {
    const { ip, windows } = this.address(address);
    return Promise.resolve(anIntelView({ ip, windows }));
  }

  /** Two indicators of feed-a, one a page. */
  skipped(query: SkippedQuery): Promise<SkippedView> {
    this.askedSkipped.push(query);
    const isFirst = query.cursor === null;
    return Promise.resolve({
      asOf: '2026-03-01T11:40:00Z',
      feeds: [
        {
          source: 'feed-a',
          held: 5,
          indexed: 3,
          skipped: { dst_ref: 1, low_confidence: 1 },
          unidentified: 0,
          revocationsIgnored: 0,
        },
      ],
      items: [
        {
          source: 'feed-a',
          id: isFirst ? 'indicator--1' : 'indicator--2',
          reasons: [isFirst ? 'dst_ref' : 'low_confidence'],
          modified: '2026-02-01T00:00:00Z',
          confidence: 60,
          pattern: "[network-traffic:dst_ref.value = '192.0.2.66']",
        },
      ],
      nextCursor: isFirst ? { source: 'feed-a', id: 'indicator--1' } : null,
    });
  }

  flushes(): ReturnType<ServiceViews['flushes']> {
    const record = {
      windowEnd: '2026-03-01T11:00:00Z',
      ranAt: '2026-03-01T11:05:00Z',
      rows: 2,
      alerts: 1,
      complete: true,
      lagging: [],
      durationMs: 3,
    };
    return { items: [record] };
  }

  alerts(query: AlertsQuery): ReturnType<ServiceViews['alerts']> {
    this.askedAlerts.push(query);
    return { items: [anAlert()] };
  }

  deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    return Promise.resolve(this.letters.slice(0, limit));
  }
}

/** What is said of an address that one indicator matches and another, revoked, names. */
export function anIntelView(changes: Partial<IntelView> & { readonly ip: string }): IntelView {
  const indicator: IntelView['indicators'][number] = {
    source: 'feed-a',
    id: 'indicator--1',
    sourceName: 'Harbour CERT',
    counts: true,
    reason: null,
    observables: [
      {
        value: changes.ip,
        range: changes.ip,
        validFrom: null,
        validUntil: '2027-01-01T00:00:00Z',
        counts: true,
        reason: null,
      },
    ],
    confidence: 90,
    statedConfidence: 90,
    modified: '2026-02-01T00:00:00Z',
    validFrom: null,
    validUntil: '2027-01-01T00:00:00Z',
    validUntilGiven: true,
    revoked: false,
    revocationIgnored: false,
    description: 'Seen scanning',
    pattern: `[ipv4-addr:value = '${changes.ip}']`,
    types: [],
    labels: [],
    tlp: 'AMBER',
    actors: ['Tidal'],
    skipped: [],
  };
  const revoked = { ...indicator, id: 'indicator--2', counts: false, reason: 'revoked', revoked: true } as const;
  return {
    windowStart: '2026-02-28T12:00:00Z',
    windowEnd: '2026-03-01T12:00:00Z',
    asOf: '2026-03-01T11:40:00Z',
    excluded: false,
    windows: [],
    signIns: [],
    partial: null,
    verdict: 'matches: 1 indicator counts, confidence 90',
    matches: true,
    excludedBy: null,
    allowLists: [],
    standing: 'unknown',
    indexVersion: '7-abcdef0123456789',
    named: 2,
    counting: 1,
    indicators: [indicator, revoked],
    ...changes,
  };
}

export function aWindow(changes: Partial<WindowSummary> & { readonly ip: string }): WindowSummary {
  return {
    caller: 'mallory@contoso.com',
    address: parseAddress(changes.ip)!,
    operations: 1,
    confidence: changes.matched === false ? 0 : 90,
    firstSeenMs: 0,
    lastSeenMs: 0,
    matched: true,
    corroborated: false,
    ...changes,
  };
}

export function describeWindow({ caller, ip, operations, matched }: WindowSummary): WindowItem {
  return {
    caller,
    ip,
    row: aRow({ Caller: caller, TI_IP: ip, CallerIP: ip, OperationCount: operations }),
    indicators: matched ? [anIndicator({ value: ip })] : [],
    corroboration: { grade: 'none', evidence: [] },
    silenced: null,
    panes: [{ hour: '2026-03-01T11:00:00Z', operations, userSignins: 0, spSignins: 0 }],
  };
}
