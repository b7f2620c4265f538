import fc from 'fast-check';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import type { Service } from '../../../src/pipeline/service.ts';
import { SilenceAudit } from '../../../src/pipeline/silence-audit.ts';
import { SilenceDesk } from '../../../src/pipeline/silence-desk.ts';
import { SilenceKeeper } from '../../../src/pipeline/silence-keeper.ts';
import type { SilenceItem } from '../../../src/pipeline/silence-views.ts';
import { sha256 } from '../engine-builder.ts';
import type { MemoryLog } from '../memory-log.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** Name of the sink that skips what is silenced. */
export const skippingName = 'skipping';

/** What somebody asks for, so long after the start of the world: a silence of addresses, or the end of the oldest. */
export interface SilenceWish {
  readonly atMs: number;
  readonly ip: string;
  readonly forMs: number;
  readonly isEnd: boolean;
}

/** Wishes of the first hours; their silences hold many of the addresses of a world, and are over before it is. */
export function silenceWishes(withinMs: number, longestMs = 2 * HOUR_MS): fc.Arbitrary<readonly SilenceWish[]> {
  const wish = fc.record({
    atMs: fc.integer({ min: 0, max: withinMs }),
    ip: fc.constantFrom('0.0.0.0/1', '128.0.0.0/1', '128.0.0.0/1', '::/1', '203.0.113.0/24'),
    forMs: fc.integer({ min: HOUR_MS / 4, max: longestMs }),
    isEnd: fc.boolean(),
  });
  // Most addresses of a world lie there.
  const first = wish.map((each) => ({ ...each, ip: '128.0.0.0/1', atMs: Math.floor(each.atMs / 4), isEnd: false }));
  return fc.tuple(first, fc.array(wish, { maxLength: 6 })).map(([one, others]) => [one, ...others]);
}

/** What a process does about silences: its desk, and the keeper that removes what is over. */
export class SilenceWishes {
  readonly #service: Service;
  readonly #clock: SimulatedClock;
  readonly #desk: SilenceDesk;
  #made = 0;

  constructor(service: Service, log: MemoryLog, clock: SimulatedClock, isDead: () => boolean) {
    this.#service = service;
    this.#clock = clock;
    const { engine, options } = service;
    const isActive = (): boolean => !isDead() && service.shard.durability?.standing === 'active';
    const common = { isActive, clock, realTime: clock, audit: new SilenceAudit(log) };
    const newId = (): string => `${options.owner}-${(this.#made += 1)}`;
    this.#desk = new SilenceDesk({ ...common, engine, newId });
    const keeper = new SilenceKeeper({ ...common, silences: engine.silences, file: null, digest: sha256 });
    // As the service does its own look before each flush; a loop of its own would outlive the simulation.
    const tick = engine.tick.bind(engine);
    engine.tick = (now) => {
      keeper.sweep();
      tick(now);
    };
  }

  /** What a wish came to, once that is committed; null when it was refused. */
  async ask({ ip, forMs, isEnd }: SilenceWish): Promise<SilenceItem | null> {
    const now = Math.round(this.#clock.now());
    const [oldest] = this.#service.engine.silences.active(now).filter(({ createdAt }) => createdAt !== null);
    if (isEnd && oldest === undefined) return null;
    const answer = isEnd
      ? await this.#desk.end(oldest!.id, 'bob')
      : await this.#desk.create({ ip, until: formatMs(now + forMs), author: 'ann', reason: 'simulation' });
    return 'silence' in answer ? answer.silence : null;
  }
}
