import { readFileSync } from 'node:fs';
import { Dice } from '../mutator.ts';

const vectors = JSON.parse(readFileSync(new URL('pattern-vectors-v21.json', import.meta.url), 'utf8')) as {
  readonly pass: readonly string[];
};

const plain = [
  "[ipv4-addr:value = '198.51.100.7']",
  "[ipv6-addr:value = '2001:DB8::7']",
  "[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR ipv4-addr:value IN ('203.0.113.9', '198.51.100.8/31', 5)]",
  "[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '198.51.100.7']",
  "[ipv4-addr:value = '198.51.100.7'] START t'2026-01-01T00:00:00Z' STOP t'2026-03-02T12:00:00.000Z'",
  "([ipv4-addr:value = '::ffff:198.51.100.7'] OR [EXISTS a:b[*].c]) REPEATS 1 TIMES WITHIN 60 SECONDS",
  "[a:b[*].'*'[0].value = 1] REPEATS 2 TIMES OR [ipv6-addr:'value' IN ()]",
  "[network-traffic:dst_ref.type = 'ipv4-addr' AND (network-traffic:dst_ref.value = '198.51.100.7' OR a:b = 1)]",
  "[ipv4-addr:value NOT = '198.51.100.7' AND (a:b > 1.5 OR a:'b c' LIKE 'x%')] FOLLOWEDBY [a:b = true]",
];

/** Pieces whose misplacement, or number, breaks naive readers. */
const shards = [
  ...'[ ] ( ) : . , * + - / ^ = == != <> < <= =! NOT AND OR FOLLOWEDBY IN IN() EXISTS START STOP LAST'.split(' '),
  ...'WITHIN REPEATS TIMES SECONDS true false a a- a:b 0 00 1. .5 1.5.5 -1 +1 /* /**/ // */ \\'.split(' '),
  ...[
    "'",
    "''",
    "\\'",
    '\\\\',
    "h'",
    "h'0'",
    "h'00'",
    "b'",
    "b'QQ=='",
    "b'===='",
    "t'",
    "'*'",
    "t'2026-02-30T00:00:00Z'",
  ],
  ...[' ', '\n', '\r', '\t', '\v', '\u0085', '\u00a0', '\u200b', '\u2028', '\ufeff', '\u0000', '\ud800', '見', '😀'],
  ...[
    '[a:b = 1]',
    ' OR [a:b = 1]',
    ' AND a:b = 1',
    ' OR a:b = 1',
    '.b',
    '[0]',
    "'x',",
    '[((',
    '))]',
    ' WITHIN 5 SECONDS',
  ],
  ...["'198.51.100.7'", "'198.51.100.0/24'", "'0.0.0.0/0'", "'2001:db8::/32'", 'ipv4-addr:value', ' ISSUBSET '],
];

const longest = 80_000;

/** Makes patterns: whole, damaged, joined, nested, blown up. The same seed makes the same ones. */
export class PatternMutator {
  readonly #dice: Dice;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  pattern(): string {
    let text = this.#whole();
    for (let damages = this.#dice.roll(3); damages > 0; damages--) text = this.#damaged(text);
    if (this.#dice.roll(2_000) === 0) text = this.#blownUp(text);
    return text.slice(0, longest);
  }

  #one(): string {
    return this.#dice.pick(this.#dice.roll(3) === 0 ? vectors.pass : plain);
  }

  #whole(): string {
    const one = this.#one();
    switch (this.#dice.roll(6)) {
      case 0:
        return `${one}${this.#dice.pick([' OR ', ' AND ', ' FOLLOWEDBY ', 'OR', ' '])}${this.#one()}`;
      case 1:
        return `(${one})${this.#dice.pick(['', ' REPEATS 1 TIMES', ' WITHIN 5 SECONDS', ' REPEATS 5 TIMES'])}`;
      case 2:
        return this.#dice.pick([' ', '\n', '/* c */', '// c\n', '\u00a0', '\ufeff']) + one;
      default:
        return one;
    }
  }

  #damaged(text: string): string {
    const dice = this.#dice;
    const at = dice.roll(text.length + 1);
    const to = Math.min(text.length, at + dice.roll(24));
    switch (dice.roll(12)) {
      case 0:
        return dice.roll(2) === 0 ? text.slice(0, at) : text.slice(at);
      case 1:
        return text.slice(0, at) + text.slice(to);
      case 2:
        return text.slice(0, to) + text.slice(at);
      case 3:
        return text.slice(0, at) + this.#one() + text.slice(to);
      case 4: {
        const depth = 1 + dice.roll(40);
        const close = dice.roll(3) === 0 ? dice.roll(depth) : depth;
        return '('.repeat(depth) + text + ')'.repeat(close);
      }
      case 5:
      case 6:
        return (
          text.slice(0, at) + dice.pick(shards).repeat(1 + (dice.roll(4) === 0 ? dice.roll(40) : 0)) + text.slice(at)
        );
      default:
        return this.#swapped(text);
    }
  }

  /** A token in place of another: what stays a pattern more often than what is cut anywhere. */
  #swapped(text: string): string {
    const tokens = text.split(/(?<=[\s:.,()[\]])|(?=[\s:.,()[\]])/);
    tokens[this.#dice.roll(tokens.length)] = this.#dice.pick(shards);
    return tokens.join('');
  }

  #blownUp(text: string): string {
    const shard = this.#dice.roll(4) === 0 ? text : this.#dice.pick(shards) + this.#dice.pick(shards);
    const at = this.#dice.roll(text.length + 1);
    return text.slice(0, at) + shard.repeat(Math.ceil(this.#dice.roll(longest) / (shard.length || 1))) + text.slice(at);
  }
}
