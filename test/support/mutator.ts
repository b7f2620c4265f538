import {
  activity,
  activityOf,
  claim,
  conditionalAccess,
  nonInteractive,
  servicePrincipal,
  signIn,
  signInProperties,
  userClaims,
} from './azure-bodies.ts';
import { compact, envelope, spaced } from './azure-envelopes.ts';
import {
  activityRow,
  auditLog,
  functionAppText,
  keyVaultAudit,
  managedIdentity,
  metric,
  privilegedIdentity,
  resourceHealth,
  restEvent,
  signInRow,
  storageRead,
} from './azure-noise.ts';

/** Numbers that a seed decides: xorshift32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** A whole number from 0 to below the bound. */
  roll(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.roll(from.length)];
    if (picked === undefined) throw new Error('Cannot pick from a list: current length is 0');
    return picked;
  }
}

const big = [
  compact(activity()),
  spaced(signIn()),
  spaced(servicePrincipal()),
  spaced(nonInteractive()),
  spaced(managedIdentity()),
  compact(keyVaultAudit()),
  spaced(auditLog()),
  compact(activityRow()),
  compact(restEvent()),
  spaced(signIn({ properties: signInProperties({ appliedConditionalAccessPolicies: conditionalAccess(12) }) })),
  JSON.stringify(activity(), null, 2),
];

const small = [
  compact(activityOf({ [claim.upn]: 'a@b.example' }, { properties: {} })),
  compact(resourceHealth()),
  compact(privilegedIdentity({ UPN: 'a@b.example' })),
  compact(storageRead()),
  compact(metric()),
  compact(signInRow()),
  functionAppText(),
  functionAppText('5" } {'),
  '{"time":"2026-08-12T15:11:51Z","category":"SignInLogs","properties":{"id":"1","ipAddress":"198.51.100.1"},"resultType":"0"}',
  `{"category":"Administrative","identity":${JSON.stringify(JSON.stringify({ claims: userClaims({}) }))}}`,
  '{"category":"Administrative","properties":"{\'CallerInfo\':\'{}\'}","callerIpAddress":"[2001:db8::1]:443"}',
];

/** Pieces whose misplacement breaks naive readers. */
const shards = [
  '"',
  "'",
  '\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r\n',
  '\u0000',
  '\ufeff',
  '\u001e',
  '"{"',
  '}"',
  '{"records":[',
  ']}',
  '{"time":"',
  '},{"category":"SignInLogs",',
  '"properties":{',
  '"properties":"{',
  'null',
  '1e999',
  '-',
  'é',
  '\\u0000',
  '\\ud800',
];

/** Makes message bodies from real-looking records: whole, damaged, nested, spliced. The same seed makes the same ones. */
export class Mutator {
  readonly #dice: Dice;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  body(): Uint8Array {
    let text = this.#whole();
    for (let damages = this.#dice.roll(4); damages > 0; damages--) text = this.#damaged(text);
    const bytes = Buffer.from(text, 'utf8');
    for (let flips = this.#dice.roll(3) === 0 ? this.#dice.roll(8) : 0; flips > 0; flips--) {
      const at = this.#dice.roll(bytes.length || 1);
      if (at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << this.#dice.roll(8)), at);
    }
    return bytes;
  }

  #record(): string {
    return this.#dice.pick(this.#dice.roll(8) === 0 ? big : small);
  }

  #whole(): string {
    const records = Array.from({ length: 1 + this.#dice.roll(3) }, () => this.#record());
    switch (this.#dice.roll(8)) {
      case 0:
        return records.join('\n');
      case 1:
        return records.join('');
      case 2:
        return `[${records.join(',')}]`;
      case 3:
        return JSON.stringify(envelope(...records));
      case 4:
        return records.map((record) => envelope(record)).join('\ntext\n');
      default:
        return envelope(...records);
    }
  }

  #damaged(text: string): string {
    const dice = this.#dice;
    const at = dice.roll(text.length + 1);
    const to = Math.min(text.length, at + dice.roll(64));
    switch (dice.roll(9)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(at);
      case 2:
        return text.slice(0, at) + text.slice(to);
      case 3:
        return text.slice(0, at) + dice.pick(shards) + text.slice(at);
      case 4:
        return text.slice(0, at) + this.#record() + text.slice(to);
      case 5:
        return text.slice(0, to) + text.slice(at);
      case 6:
        return (
          text.slice(0, at) + text.slice(at, to).replaceAll('"', dice.pick(["'", '', '\\"', '""'])) + text.slice(to)
        );
      case 7: {
        const depth = 1 + dice.roll(24);
        const [open, close] = dice.pick([['[', ']'] as const, ['{"records":', '}'] as const, ['{"a":', '}'] as const]);
        return open.repeat(depth) + text + close.repeat(dice.roll(3) === 0 ? dice.roll(depth) : depth);
      }
      default:
        return text.slice(0, at) + dice.pick(shards).repeat(1 + dice.roll(40)) + text.slice(at);
    }
  }
}
