import { randomUUID } from 'node:crypto';
import { createSilenceFileSource } from './adapters/silence-file/source.ts';
import { realTime } from './adapters/system/clock.ts';
import { sha256 } from './adapters/system/digest.ts';
import type { Config } from './config/config.ts';
import type { SilenceFileSource } from './core/alert/silence-file.ts';
import type { Clock, Log } from './core/ports.ts';
import type { Probe } from './pipeline/probe.ts';
import type { Service } from './pipeline/service.ts';
import { SilenceAudit } from './pipeline/silence-audit.ts';
import { FileOnlySilences } from './pipeline/file-only-silences.ts';
import { SilenceDesk } from './pipeline/silence-desk.ts';
import { SilenceKeeper, type SilenceFileStatus } from './pipeline/silence-keeper.ts';
import type { SilenceChanges } from './pipeline/silence-views.ts';
import { silenceProbe } from './pipeline/silence-probe.ts';

type SilenceConfig = Pick<Config, 'silencesPath'>;

/** What looks after the silences of a service, and what changes them. */
export interface AppSilences {
  readonly desk: SilenceChanges;
  readonly fileStatus: () => SilenceFileStatus | null;
  /** Reads the file, then looks after the silences. Resolves when the file was read: nothing may be told before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The file of SILENCES_PATH; null without one. */
export function silenceFileOf({ silencesPath }: SilenceConfig): SilenceFileSource | null {
  return silencesPath === null ? null : createSilenceFileSource(silencesPath);
}

/** The silences of a service; they change the engine that it has. */
export function createSilences(service: Service, config: SilenceConfig, log: Log): AppSilences {
  const { engine } = service;
  const { clock } = service.options;
  const audit = new SilenceAudit(log);
  const isActive = (): boolean => service.shard.durability?.standing === 'active';
  const common = { isActive, clock, realTime, audit };
  const keeper = new SilenceKeeper({
    ...common,
    silences: engine.silences,
    file: silenceFileOf(config),
    digest: sha256,
  });
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return {
    desk: new SilenceDesk({ ...common, engine, newId: randomUUID }),
    fileStatus: () => keeper.fileStatus,
    start: async () => {
      await keeper.readFile();
      running = keeper.run(stopping.signal);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Of a fleet, whose shards each look after the file: the API changes nothing. */
export function fileOnlySilences(log: Log): Omit<AppSilences, 'fileStatus'> {
  const nothing = (): Promise<void> => Promise.resolve();
  return { desk: new FileOnlySilences(new SilenceAudit(log)), start: nothing, stop: nothing };
}

/** A try of the file of silences; none without SILENCES_PATH. */
export function silenceProbes(config: SilenceConfig, clock: Clock): readonly Probe[] {
  const file = silenceFileOf(config);
  return file === null ? [] : [silenceProbe(file, clock, sha256)];
}
