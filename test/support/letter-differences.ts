import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { Repair } from '../../src/core/kql/repair.ts';

/** A caller at an address of its own whose row differs from the letter of the rule for one reason, as files tell it. */
export interface LetterDifference {
  readonly records: readonly Record<string, unknown>[];
  readonly indicators: readonly StixObject[];
}

/** The evaluation instant is meant to be noon. */
const day = '2026-03-02';

const red = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';
const green = 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da';

class Author {
  readonly address: string;
  readonly #key: string;
  #records = 0;

  constructor(key: string, address: string) {
    this.#key = key;
    this.address = address;
  }

  operation(change: Record<string, unknown> = {}): Record<string, unknown> {
    this.#records += 1;
    const record: Record<string, unknown> = {
      time: `${day}T10:${String(this.#records).padStart(2, '0')}:00Z`,
      resourceId: '/SUBSCRIPTIONS/S1/RESOURCEGROUPS/G1/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1',
      operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
      category: 'Administrative',
      resultType: 'Success',
      callerIpAddress: this.address,
      correlationId: `${this.#key}-${this.#records}`,
      caller: `${this.#key}@contoso.com`,
      ...change,
    };
    return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
  }

  signIn(risk: string): Record<string, unknown> {
    this.#records += 1;
    const principal = { userPrincipalName: `${this.#key}@contoso.com`, userId: this.#key, riskLevelAggregated: risk };
    return {
      time: `${day}T09:${String(this.#records).padStart(2, '0')}:00Z`,
      category: 'SignInLogs',
      resultType: '0',
      properties: { id: `${this.#key}-${this.#records}`, ipAddress: this.address, ...principal },
    };
  }

  indicator(change: Record<string, unknown> = {}): StixObject {
    const object: Record<string, unknown> = {
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${this.#key}`,
      created: '2026-02-01T00:00:00Z',
      modified: '2026-02-01T00:00:00Z',
      valid_from: '2026-02-01T00:00:00Z',
      valid_until: '2026-04-01T00:00:00Z',
      confidence: 90,
      pattern_type: 'stix',
      pattern: `[ipv4-addr:value = '${this.address}']`,
      description: `About ${this.#key}`,
      ...change,
    };
    return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
  }
}

const newer = '2026-02-02T00:00:00Z';

/**
 * One case a reason, for a feed with a default confidence, MIN_CONFIDENCE below 75 and ACTIVITY_STATUSES with
 * Succeeded. Records enqueued late or dated ahead of it have no case: a file knows no enqueued time.
 */
const cases: Readonly<Record<Exclude<Repair, 'early' | 'late-enqueued'>, (author: Author) => LetterDifference>> = {
  'revoked-version': (a) => ({
    records: [a.operation()],
    indicators: [a.indicator(), a.indicator({ modified: newer, revoked: true })],
  }),
  'superseded-version': (a) => ({
    records: [a.operation()],
    indicators: [a.indicator(), a.indicator({ modified: newer, confidence: 80 })],
  }),
  'no-valid-until': (a) => ({ records: [a.operation()], indicators: [a.indicator({ valid_until: undefined })] }),
  unscored: (a) => ({ records: [a.operation()], indicators: [a.indicator({ confidence: undefined })] }),
  'confidence-floor': (a) => ({ records: [a.operation()], indicators: [a.indicator({ confidence: 60 })] }),
  'pattern-qualifier': (a) => ({
    records: [a.operation()],
    indicators: [a.indicator({ pattern: `[ipv4-addr:value = '${a.address}'] REPEATS 5 TIMES` })],
  }),
  'excluded-range': (a) => ({
    records: [a.operation({ callerIpAddress: '100.64.0.1' })],
    indicators: [a.indicator({ pattern: "[ipv4-addr:value = '100.64.0.1']" })],
  }),
  'private-prefix': (a) => ({
    records: [a.operation({ callerIpAddress: '52.10.3.4' })],
    indicators: [a.indicator({ pattern: "[ipv4-addr:value = '52.10.3.4']" })],
  }),
  'observable-kind': (a) => ({
    records: [a.operation()],
    indicators: [a.indicator({ pattern: `[network-traffic:src_ref.value = '${a.address}']` })],
  }),
  ipv6: (a) => ({
    records: [a.operation({ callerIpAddress: '2001:db8:5::5' })],
    indicators: [a.indicator({ pattern: "[ipv6-addr:value = '2001:db8:5::5']" })],
  }),
  range: (a) => ({
    records: [a.operation()],
    indicators: [a.indicator({ pattern: `[ipv4-addr:value = '${a.address}/31']` })],
  }),
  'address-form': (a) => ({
    records: [a.operation({ callerIpAddress: `${a.address}:443` })],
    indicators: [a.indicator()],
  }),
  undated: (a) => ({ records: [a.operation(), a.operation({ time: undefined })], indicators: [a.indicator()] }),
  'activity-status': (a) => ({ records: [a.operation({ resultType: 'Succeeded' })], indicators: [a.indicator()] }),
  'caller-case': (a) => ({
    records: [a.operation(), a.operation({ caller: 'CALLER-CASE@contoso.com' })],
    indicators: [a.indicator()],
  }),
  'duplicate-records': (a) => {
    const operation = a.operation();
    return { records: [operation, operation], indicators: [a.indicator()] };
  },
  'risk-order': (a) => ({
    records: [a.signIn('none'), a.signIn('high'), a.operation()],
    indicators: [a.indicator()],
  }),
  'empty-member': (a) => ({
    records: [a.operation(), a.operation({ resourceId: '/SUBSCRIPTIONS/S1' })],
    indicators: [a.indicator()],
  }),
  'set-case': (a) => ({
    records: [a.operation(), a.operation({ operationName: 'Microsoft.Compute/virtualMachines/write' })],
    indicators: [a.indicator()],
  }),
  'set-order': (a) => ({
    records: ['B/WRITE', 'A/WRITE'].map((operationName) => a.operation({ operationName, time: `${day}T10:00:00Z` })),
    indicators: [a.indicator()],
  }),
  'best-indicator': (a) => ({
    records: [a.operation()],
    indicators: [a.indicator({ confidence: 80 }), a.indicator({ id: 'indicator--better', description: 'Better' })],
  }),
  'tlp-strictest': (a) => ({
    records: [a.operation()],
    indicators: [
      a.indicator({ object_marking_refs: [green] }),
      a.indicator({ id: 'indicator--stricter', confidence: 80, object_marking_refs: [red] }),
    ],
  }),
};

/** Every reason that data can give, with its case. */
export const letterDifferences: ReadonlyMap<Repair, LetterDifference> = new Map(
  Object.entries(cases).map(([reason, write], index) => [
    reason as Repair,
    write(new Author(reason, `198.51.100.${10 + 2 * index}`)),
  ]),
);
