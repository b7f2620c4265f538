import { expect } from 'vitest';
import type { Origin, RealTime } from '../../src/core/ports.ts';
import type { SharedEventSource } from '../../src/core/shared-event-source.ts';
import { ShardLedger, ShardListener } from './shard-listener.ts';

/** One process: its source, and how to stop it as SIGSTOP does. */
export interface SharedProcess {
  readonly source: SharedEventSource;
  /** Stops the source and lets the time pass that this takes. */
  readonly stop: () => Promise<void>;
  readonly suspend: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/** A hub of some partitions, "0" and up, that processes share. */
export interface SharedSourceRig extends AsyncDisposable {
  readonly partitions: readonly string[];
  readonly realTime: RealTime;
  /** How long ownership outlives its last renewal, and the distance of renewals. */
  readonly expiryMs: number;
  readonly cycleMs: number;
  readonly open: (identifier: string) => SharedProcess;
  readonly append: (partition: string, count: number) => void;
  /** Lets time pass until something holds. */
  readonly until: (holds: () => boolean, what: string) => Promise<void>;
  /** The checkpoint of a partition. */
  readonly checkpointOf: (partition: string) => Promise<number | null>;
}

/** A process with its listener. */
export interface Member extends SharedProcess {
  readonly listener: ShardListener;
}

/** The processes of a consumer group, on one ledger. */
export class SharedGroup {
  readonly rig: SharedSourceRig;
  readonly ledger = new ShardLedger();
  /** Everybody who ever joined. */
  readonly members: Member[] = [];
  readonly #appended = new Map<string, number>();

  constructor(rig: SharedSourceRig) {
    this.rig = rig;
  }

  async join(name: string, prepare: (listener: ShardListener) => void = () => undefined): Promise<Member> {
    const listener = new ShardListener(this.ledger, name);
    prepare(listener);
    const process = this.rig.open(name);
    const member = { ...process, listener };
    this.members.push(member);
    await process.source.start(listener, 0);
    return member;
  }

  append(count: number, partitions = this.rig.partitions): void {
    for (const partition of partitions) {
      this.rig.append(partition, count);
      this.#appended.set(partition, (this.#appended.get(partition) ?? 0) + count);
    }
  }

  /** Waits until the members own everything among them, in fair shares. */
  async balanced(members: readonly Member[]): Promise<void> {
    const { partitions } = this.rig;
    const [least, most] = [
      Math.floor(partitions.length / members.length),
      Math.ceil(partitions.length / members.length),
    ];
    await this.rig.until(
      () => {
        const held = members.map(({ listener }) => listener.held.size);
        const all = new Set(members.flatMap(({ listener }) => [...listener.held]));
        return (
          all.size === partitions.length &&
          held.reduce((sum, count) => sum + count, 0) === partitions.length &&
          held.every((count) => count >= least && count <= most)
        );
      },
      `${members.map(({ listener }) => listener.name).join(', ')} share fairly`,
    );
  }

  /** Waits until everything appended was taken, and checks that nothing was skipped. */
  async taken(): Promise<void> {
    const origins = this.#origins();
    await this.rig.until(
      () => origins().every((each) => this.ledger.numbers(each).length >= (this.#appended.get(each.partition) ?? 0)),
      'everything is taken',
    );
    for (const each of origins()) {
      const numbers = Array.from({ length: this.#appended.get(each.partition) ?? 0 }, (_, number) => number);
      expect(this.ledger.numbers(each)).toEqual(numbers);
    }
    expect(this.ledger.offences).toEqual([]);
  }

  origin(partition: string, member: Member): Origin {
    const found = member.listener.known.at(-1)?.find((each) => each.partition === partition);
    if (found === undefined) throw new Error(`Cannot find partition ${partition}`);
    return found;
  }

  #origins(): () => readonly Origin[] {
    return () => this.members.find(({ listener }) => listener.known.length > 0)?.listener.known.at(-1) ?? [];
  }
}
