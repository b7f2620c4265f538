import { readAllowListSteps } from '../core/intel/allow-list-reader.ts';
import type { AllowListSource } from '../core/intel/allow-list-source.ts';
import { Sliced } from '../core/sliced.ts';
import { failed, type Probe, reached } from './probe.ts';

/** A try of an allow list, as the service will read it. Entries that are skipped are worth a look. */
export function allowListProbe(source: AllowListSource): Probe {
  return {
    name: `allow list ${source.name}`,
    run: async () => {
      try {
        const { documents } = await source.read(null);
        const { entries, skipped, unusable } = new Sliced(readAllowListSteps(source.name, documents ?? [])).finish();
        const [first] = unusable;
        if (first === undefined) return reached(`${entries} entries`);
        const seen = `the first is ${JSON.stringify(first.text)} at ${first.path}:${first.place}`;
        return { status: 'warn', detail: `${entries} entries, ${skipped} skipped as no CIDR and no address: ${seen}` };
      } catch (cause) {
        return failed(cause instanceof Error ? cause : { message: String(cause) });
      }
    },
  };
}
