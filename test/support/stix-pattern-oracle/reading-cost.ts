import { maxPatternLength, readPattern } from '../../../src/core/intel/pattern.ts';

/** Characters whose reading costs about what a reading costs that ends at once. */
const fixedCharacters = 64;

/** How much dearer a character of the slowest input may be than that of the median one. Measured: 5 to 9. */
const mostTimesMedian = 40;

/** How much dearer a character may be in a text sixteen times as long. Quadratic work makes it sixteen. */
const mostGrowth = 8;

const slowestKept = 24;
const sampleEvery = 997;

/** Processor time of this thread, in microseconds: what other programs do at the same time does not count. */
function usedMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Nanoseconds a character: the least of several runs, as collecting garbage only adds. */
function costOf(text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 7; run++) {
    const started = usedMicros();
    let used = 0;
    let reads = 0;
    for (let more = 1; used < 1_000; more *= 2) {
      for (let read = 0; read < more; read++) readPattern(text);
      reads += more;
      used = usedMicros() - started;
    }
    least = Math.min(least, used / reads);
  }
  return (least * 1_000) / (text.length + fixedCharacters);
}

const unit = "ipv4-addr:value = '198.51.100.7'";

/** Texts of a length, by what they are made of. */
const families: Readonly<Record<string, (length: number) => string>> = {
  comments: (length) => `[${'/**/'.repeat(length / 4)}${unit}]`,
  'comments without an end': (length) => `[${unit} ${'/*'.repeat(length / 2)}`,
  'line comments': (length) => `[${'//\n'.repeat(length / 3)}${unit}]`,
  blanks: (length) => `[${' '.repeat(length)}${unit}]`,
  'one string': (length) => `[a:b = '${'x'.repeat(length)}']`,
  'one string of a plain comparison': (length) => `[ipv4-addr:value = '${'1'.repeat(length)}']`,
  escapes: (length) => `[a:b = '${"\\'".repeat(length / 2)}']`,
  'a string without an end': (length) => `[a:b = '${'\\\\'.repeat(length / 2)}`,
  'binary without an end': (length) => `[a:b = b'${'QUJD'.repeat(length / 4)}`,
  'hex without an end': (length) => `[a:b = h'${'00'.repeat(length / 2)}`,
  digits: (length) => `[a:b = ${'1'.repeat(length)}]`,
  zeros: (length) => `[a:b IN (0${',0'.repeat(length / 2)})]`,
  'one name': (length) => `[${'a-'.repeat(length / 2)}:b = 1]`,
  steps: (length) => `[a:b${'.b'.repeat(length / 2)} = 1]`,
  positions: (length) => `[a:b${'[0]'.repeat(length / 3)} = 1]`,
  'a set of addresses': (length) => `[ipv4-addr:value IN ('1.2.3.4'${",'1.2.3.4'".repeat(length / 10)})]`,
  'a set of ranges': (length) => `[ipv4-addr:value IN ('1.2.3.0/24'${",'1.2.3.0/24'".repeat(length / 13)})]`,
  'OR of comparisons': (length) => `[${`${unit} OR `.repeat(length / 36)}${unit}]`,
  'AND of comparisons': (length) => `[${`${unit} AND `.repeat(length / 37)}${unit}]`,
  'OR of observations': (length) => `${`[${unit}] OR `.repeat(length / 38)}[${unit}]`,
  'FOLLOWEDBY of observations': (length) => `${`[${unit}] FOLLOWEDBY `.repeat(length / 46)}[${unit}]`,
  'types beside addresses': (length) => {
    const typed = "(network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '1.2.3.4')";
    return `[${`${typed} OR `.repeat(length / 92)}${typed}]`;
  },
  'nesting as deep as it may be': (length) => {
    const type = "network-traffic:src_ref.type = 'ipv4-addr'";
    const value = "network-traffic:src_ref.value = '1.2.3.4'";
    const values = `${value} OR `.repeat(length / 46);
    return `[${`${type} AND (${value} OR `.repeat(60)}${values}${value}${')'.repeat(60)}]`;
  },
  'parentheses beyond the limit': (length) => `[${'('.repeat(length / 2)}a:b = 1${')'.repeat(length / 2)}]`,
};

function growthOf(write: (length: number) => string): number {
  const long = Math.floor(maxPatternLength * 0.85);
  const [first = 0, ...others] = [16, 8, 4, 2, 1].map((part) => costOf(write(long / part)));
  return Math.max(...others) / first;
}

/** Watches what reading costs, to tell in the end that it is linear in the length. */
export class ReadingCost {
  #slowest: { readonly text: string; readonly cost: number }[] = [];
  readonly #sample: string[] = [];
  #noted = 0;

  note(text: string, ms: number): void {
    if (text.length > maxPatternLength) return;
    if (this.#noted++ % sampleEvery === 0) this.#sample.push(text);
    const cost = ms / (text.length + fixedCharacters);
    if (this.#slowest.length === slowestKept && cost <= (this.#slowest.at(-1)?.cost ?? 0)) return;
    this.#slowest = [...this.#slowest, { text, cost }].sort((a, b) => b.cost - a.cost).slice(0, slowestKept);
  }

  /** Times the slowest again, and texts of doubled length. Throws where the cost grows faster than the length. */
  check(): string {
    const costs = this.#sample
      .slice(0, 300)
      .map(costOf)
      .sort((a, b) => a - b);
    const median = costs[Math.floor(costs.length / 2)] ?? 0;
    const times = this.#slowest.map(({ text }) => ({ text, times: costOf(text) / median }));
    const dearest = times.reduce((a, b) => (b.times > a.times ? b : a));
    if (dearest.times > mostTimesMedian) {
      throw new Error(
        `Cannot bound time: a character costs ${dearest.times.toFixed(1)} times the median, at most ${mostTimesMedian} ` +
          `are allowed: ${JSON.stringify(dearest.text.slice(0, 2_000))}`,
      );
    }
    const growths = Object.entries(families).map(([name, write]) => ({ name, growth: growthOf(write) }));
    const steepest = growths.reduce((a, b) => (b.growth > a.growth ? b : a));
    if (steepest.growth > mostGrowth) {
      throw new Error(
        `Cannot call time linear: a character of ${steepest.name} costs ${steepest.growth.toFixed(1)} times as much ` +
          `in a text sixteen times as long, at most ${mostGrowth} are allowed`,
      );
    }
    return (
      `${median.toFixed(0)} ns a character, ${dearest.times.toFixed(1)} times that at most, ` +
      `${steepest.growth.toFixed(1)} times in texts sixteen times as long (${steepest.name})`
    );
  }
}
