import { TaxiiServer } from '../../src/dev/taxii-server/server.ts';
import { stixObject } from './indicator-set.ts';

/** Where a TAXII server listens that holds so many indicators: its memory is not that of who asks it. */
export interface TaxiiPlace {
  readonly url: string;
}

const [size = 0, pageSize = 0] = process.argv.slice(2).map(Number);
const objects = Array.from({ length: size }, (_, number) => stixObject(number, size));
const now = Date.UTC(2026, 0, 1);
const server = await TaxiiServer.start({
  now: () => now,
  pageSize,
  collections: [{ id: 'bench', title: 'bench', objects }],
});
process.send?.({ url: server.discoveryUrl } satisfies TaxiiPlace);
process.once('disconnect', () => process.exit());
