import type { StixObject } from '../../core/intel/stix-object.ts';
import { Random } from './random.ts';
import { dayMs } from './span.ts';
import { type IndicatorFields, revised, StixAuthor, type TlpMarking } from './stix-author.ts';

export interface ThreatIntelligenceOptions {
  readonly seed: number;
  /** The instant relative to which indicators are old, valid or expired. */
  readonly atMs: number;
  /** How many indicators. */
  readonly count: number;
}

const tlp: readonly TlpMarking[] = [
  'white',
  'green',
  'amber',
  'red',
  'clear2',
  'green2',
  'amber2',
  'amberStrict2',
  'red2',
];
const types = ['malicious-activity', 'anomalous-activity', 'anonymization', 'compromised', 'attribution'];
const labels = ['botnet', 'scanner', 'c2', 'bruteforce', 'phishing', 'ActivityGroup:SLACK WATER', 'proxy'];
const actorNames = ['Slack Water', 'Neap Fox', 'Spring Tide', 'Undertow Collective'];
const malwareNames = ['KelpLoader', 'Barnacle RAT', 'FoamMiner'];

/**
 * What a commercial feed may hold beside the indicators that matter here, seeded: single addresses, ranges and lists of both
 * families, patterns about domains, URLs and files, patterns that no single address can meet, indicators without score, of
 * low confidence, revoked, expired and superseded, with producers, actors and `indicates` relationships. Its addresses lie
 * in 198.19.0.0/16 (RFC 2544) and 2001:db8:f000::/36 (RFC 3849), where no generated caller is.
 */
export function threatIntelligence(options: ThreatIntelligenceOptions): readonly StixObject[] {
  const { seed, atMs } = options;
  const random = new Random(`threat-intelligence/${seed}`);
  const author = new StixAuthor(`threat-intelligence/${seed}`, 'Estuary Research', atMs - 900 * dayMs);
  const targets = [
    ...actorNames.map((name) => author.intrusionSet(name, atMs - 300 * dayMs)),
    ...malwareNames.map((name) => author.malware(name, atMs - 200 * dayMs)),
  ];
  const objects: StixObject[] = [author.identity, ...targets];
  for (let index = 0; index < options.count; index++) {
    const fields = indicatorFields(random, atMs);
    const indicator = author.indicator(fields);
    objects.push(indicator);
    if (random.chance(0.02)) objects.push(revised(indicator, fields.createdMs + dayMs / 2, { confidence: 20 }));
    if (random.chance(0.2)) objects.push(author.indicates(indicator, random.pick(targets), fields.createdMs));
  }
  return objects;
}

function indicatorFields(random: Random, atMs: number): IndicatorFields {
  const createdMs = atMs - random.between(dayMs, 120 * dayMs);
  const validity = random.fraction();
  return {
    name: `Observation ${random.hex(8)}`,
    description: `Seen ${random.between(1, 90)} times by sensors in ${random.between(1, 12)} countries`,
    pattern: noisePattern(random),
    types: [random.pick(types)],
    ...(random.chance(0.7) ? { labels: [random.pick(labels), random.pick(labels)] } : {}),
    ...(random.chance(0.94)
      ? { confidence: random.chance(0.7) ? random.between(75, 100) : random.between(5, 74) }
      : {}),
    ...(random.chance(0.6) ? { tlp: random.pick(tlp) } : {}),
    createdMs,
    ...(validity < 0.15 ? {} : { validUntilMs: validity < 0.2 ? atMs - random.between(1, dayMs) : atMs + 30 * dayMs }),
    revoked: random.chance(0.03),
  };
}

/** Pattern makers with their share of a thousand. */
const patterns: readonly (readonly [number, (random: Random) => string])[] = [
  [560, (random) => `[ipv4-addr:value = '${address4(random)}']`],
  [80, (random) => `[ipv6-addr:value = '${address6(random)}']`],
  [80, (random) => `[ipv4-addr:value = '${range4(random)}']`],
  [30, (random) => `[ipv6-addr:value ISSUBSET '2001:db8:f${random.hex(3)}::/${random.between(48, 64)}']`],
  [60, (random) => `[ipv4-addr:value = '${address4(random)}' OR ipv4-addr:value = '${address4(random)}']`],
  [20, (random) => `[ipv4-addr:value IN ('${address4(random)}', '${address4(random)}', '${address4(random)}')]`],
  [
    35,
    (random) =>
      `[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '${address4(random)}']`,
  ],
  [
    15,
    (random) =>
      `[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '${address4(random)}']`,
  ],
  [50, (random) => `[domain-name:value = '${random.hex(10)}.example']`],
  [30, (random) => `[url:value = 'https://${random.hex(8)}.example/gate.php']`],
  [25, (random) => `[file:hashes.'SHA-256' = '${random.hex(64)}']`],
  [8, (random) => `[ipv4-addr:value = '${address4(random)}' AND domain-name:value = '${random.hex(6)}.example']`],
  [4, (random) => `[ipv4-addr:value = '${address4(random)}'] FOLLOWEDBY [ipv4-addr:value = '${address4(random)}']`],
  [3, (random) => `[ipv4-addr:value LIKE '198.19.${random.between(0, 255)}.%']`],
];

function noisePattern(random: Random): string {
  let left = random.between(1, 1000);
  for (const [share, make] of patterns) {
    left -= share;
    if (left <= 0) return make(random);
  }
  throw new RangeError('Cannot choose a pattern by shares: they sum to less than 1000');
}

function address4(random: Random): string {
  return `198.19.${random.between(0, 255)}.${random.between(0, 255)}`;
}

function address6(random: Random): string {
  return `2001:db8:f${random.hex(3)}:${random.between(1, 0xffff).toString(16)}::${random.between(1, 0xffff).toString(16)}`;
}

function range4(random: Random): string {
  const length = random.between(22, 30);
  const host = (random.between(0, 0xffff) >>> (32 - length)) << (32 - length);
  return `198.19.${host >>> 8}.${host & 0xff}/${length}`;
}
