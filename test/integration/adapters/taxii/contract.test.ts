import { indicatorFeedLaws } from '../../../contract/indicator-feed.ts';
import { COLLECTION, TaxiiRig } from '../../../support/taxii-rig.ts';

indicatorFeedLaws('TAXII', async (objects) => {
  const rig = await TaxiiRig.start({ objects, server: { pageSize: 100 } });
  return {
    feed: rig.feed,
    add: (added) => {
      rig.clock.advance(60_000);
      rig.server.collection(COLLECTION).add(added);
      return Promise.resolve();
    },
    breakSource: () => {
      rig.server.faults.add({ kind: 'status', status: 503 });
      return Promise.resolve();
    },
    mendSource: () => {
      rig.server.faults.clear();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
});
