import type { Silence } from '../core/alert/silence.ts';
import { readSilence } from '../core/alert/silence-request.ts';
import type { Engine } from '../core/engine.ts';
import type { Clock, RealTime } from '../core/ports.ts';
import { formatMs } from '../core/time.ts';
import type { RefusedChange, SilenceAudit } from './silence-audit.ts';
import {
  activeItem,
  type SilenceAnswer,
  type SilenceChanges,
  silenceItem,
  type SilenceRefusal,
} from './silence-views.ts';

/** How often it looks whether a change was committed, and how long it waits for that, in true milliseconds. */
const lookMs = 20;
const patienceMs = 10_000;

export interface SilenceDeskOptions {
  readonly engine: Engine;
  /** Whether this process owns the state, so that it may change it. */
  readonly isActive: () => boolean;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly audit: SilenceAudit;
  /** A name that nothing had before. */
  readonly newId: () => string;
}

/** Takes the silences of the API, and answers when the state that holds the change is committed. */
export class SilenceDesk implements SilenceChanges {
  readonly #options: SilenceDeskOptions;

  constructor(options: SilenceDeskOptions) {
    this.#options = options;
  }

  async create(value: unknown): Promise<SilenceAnswer> {
    const { engine, clock, isActive, newId, audit } = this.#options;
    const { silences } = engine;
    if (!isActive()) return refuse('not_active', 'Cannot change silences as this process does not own the state');
    const nowMs = Math.round(clock.now());
    const read = readSilence(value, nowMs);
    if ('problems' in read) {
      const detail = read.problems.map((problem) => problem.detail).join('; ');
      return { refusal: { code: 'invalid', detail, problems: read.problems } };
    }
    if (!silences.hasRoom)
      return refuse('full', `Cannot add a silence as SILENCES_MAX, ${silences.bound.limit}, are in force: delete one`);
    const silence: Silence = { ...read.request, id: newId(), createdAt: formatMs(nowMs), origin: 'api' };
    silences.add(silence);
    if (!(await this.#isKept(silences.revision))) {
      silences.withdraw(silence.id);
      return refuse('not_kept', 'Cannot add the silence as the state cannot be kept now: try again');
    }
    audit.created(silence);
    return { silence: activeItem(silence) };
  }

  async end(id: string, by: string): Promise<SilenceAnswer> {
    const { engine, clock, isActive, audit } = this.#options;
    const { silences } = engine;
    if (!isActive()) return refuse('not_active', 'Cannot change silences as this process does not own the state');
    const nowMs = Math.round(clock.now());
    if (silences.active(nowMs).some((silence) => silence.id === id && silence.origin === 'file'))
      return refuse('of_file', 'Cannot delete the silence as it is one of SILENCES_PATH: remove it from that file');
    const silence = silences.end(id, by, nowMs);
    if (silence === null) return refuse('not_found', 'Cannot delete the silence as none of this id is in force');
    if (!(await this.#isKept(silences.revision)))
      return refuse(
        'not_kept',
        'Cannot keep the end of the silence now: it is over here, and would be in force again if this process ended',
      );
    audit.deleted(silence, by);
    const item = silenceItem(silences, id, nowMs);
    return { silence: item ?? { ...activeItem(silence), state: 'ended', endedAt: formatMs(nowMs), endedBy: by } };
  }

  refused(change: RefusedChange): void {
    this.#options.audit.refused(change);
  }

  /** Waits until a revision is committed; false when that takes too long, or the process no longer owns the state. */
  async #isKept(revision: number): Promise<boolean> {
    const { engine, realTime, isActive } = this.#options;
    const endMs = realTime.nowMs() + patienceMs;
    while (!engine.silences.isCommitted(revision)) {
      if (!isActive() || realTime.nowMs() >= endMs) return false;
      await realTime.delay(lookMs);
    }
    return true;
  }
}

function refuse(code: Exclude<SilenceRefusal['code'], 'invalid'>, detail: string): SilenceAnswer {
  return { refusal: { code, detail } };
}
