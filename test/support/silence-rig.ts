import type { SilenceFileReading, SilenceFileSource } from '../../src/core/alert/silence-file.ts';
import { SilenceAudit } from '../../src/pipeline/silence-audit.ts';
import { SilenceDesk } from '../../src/pipeline/silence-desk.ts';
import { SilenceKeeper } from '../../src/pipeline/silence-keeper.ts';
import { noon } from './engine-bench.ts';
import { sha256 } from './engine-builder.ts';
import { MemoryLog } from './memory-log.ts';
import { StateOwner, type OwnerOptions } from './state-rig.ts';
import type { MemoryStateStore } from './memory-state-store.ts';
import { SteppingClock } from './stepping-clock.ts';

/** A file that a test writes; null while it cannot be read. */
export class MemorySilenceFile implements SilenceFileSource {
  readonly path = 'silences.json';
  text: string | null = '[]';

  read(fingerprint: string | null): Promise<SilenceFileReading> {
    const { text } = this;
    if (text === null) return Promise.reject(new Error('Cannot read silences from silences.json: ENOENT'));
    return Promise.resolve({ fingerprint: text, text: text === fingerprint ? null : text });
  }
}

/** A desk and a keeper on a process that owns its state. */
export class SilenceRig {
  readonly owner: StateOwner;
  readonly clock = new SteppingClock(noon);
  readonly log = new MemoryLog();
  readonly file = new MemorySilenceFile();
  readonly desk: SilenceDesk;
  readonly keeper: SilenceKeeper;
  isActive = true;
  #made = 0;

  private constructor(owner: StateOwner) {
    this.owner = owner;
    const { engine, realTime } = owner;
    const { clock, file } = this;
    const common = { isActive: () => this.isActive, clock, realTime, audit: new SilenceAudit(this.log) };
    this.desk = new SilenceDesk({ ...common, engine, newId: () => `id-${(this.#made += 1)}` });
    this.keeper = new SilenceKeeper({ ...common, silences: engine.silences, file, digest: sha256 });
  }

  static async start(store: MemoryStateStore, options: OwnerOptions = {}): Promise<SilenceRig> {
    return new SilenceRig(await StateOwner.start(store, options));
  }

  /** The audit log: what was done, by whom, and to which silence or why not. */
  get audited(): readonly (readonly unknown[])[] {
    return this.log.lines
      .filter(({ fields }) => fields['audit'] === true)
      .map(({ level, fields }) => {
        const { action, by, silence, reason } = fields;
        const id = (silence as { id?: string } | undefined)?.id;
        return [level, action, by, id ?? reason];
      });
  }

  /** Moves the clock on. */
  pass(ms: number): Promise<void> {
    return this.clock.sleepUntil(this.clock.now() + ms);
  }
}

/** A silence as somebody asks for it, an hour from noon on. */
export const asked = {
  ip: '203.0.113.0/24',
  until: new Date(noon + 3_600_000).toISOString(),
  author: 'ann',
  reason: 'known scanner',
} as const;
