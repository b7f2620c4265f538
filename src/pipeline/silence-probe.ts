import type { Digest } from '../core/alert/alert-id.ts';
import { readSilenceFile, type SilenceFileSource } from '../core/alert/silence-file.ts';
import type { Clock } from '../core/ports.ts';
import { failed, type Probe, reached } from './probe.ts';
import { silenceFileMessage } from './silence-keeper.ts';

/** A try of the file of silences, as the service will read it. */
export function silenceProbe(file: SilenceFileSource, clock: Clock, digest: Digest): Probe {
  return {
    name: `silences ${file.path}`,
    run: async () => {
      try {
        const { text } = await file.read(null);
        const read = readSilenceFile(text ?? '', clock.now(), digest);
        if ('problems' in read) return failed({ message: silenceFileMessage(file.path, read.problems) });
        const { silences, over } = read;
        return reached(`${silences.length} in force${over === 0 ? '' : `, ${over} whose time is over`}`);
      } catch (cause) {
        return failed(cause instanceof Error ? cause : { message: String(cause) });
      }
    },
  };
}
