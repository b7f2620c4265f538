import { expect, test } from 'vitest';
import { probeTaxiiFeed } from '../../../../src/adapters/taxii/probe.ts';
import { sampleIndicators } from '../../../support/stix-samples.ts';
import { TaxiiRig } from '../../../support/taxii-rig.ts';

const { signal } = new AbortController();

test('probeTaxiiFeed() tells what was found and takes one page only', async () => {
  await using rig = await TaxiiRig.start({ objects: sampleIndicators(25), server: { pageSize: 10 } });
  expect(await probeTaxiiFeed(rig.settings, rig.deps, signal)).toEqual({
    ok: true,
    detail: '1 of 1 collections chosen; High confidence: 10 objects on the first page',
    objects: 10,
  });
  expect(rig.pageRequests()).toHaveLength(1);
});

test('probeTaxiiFeed() tells of an empty feed', async () => {
  await using rig = await TaxiiRig.start();
  expect(await probeTaxiiFeed(rig.settings, rig.deps, signal)).toMatchObject({
    ok: true,
    detail: expect.stringContaining('0 objects') as string,
    objects: 0,
  });
});

test.each(['discovery', 'collections', 'objects'] as const)('probeTaxiiFeed() reports a failure of %s', async (on) => {
  await using rig = await TaxiiRig.start();
  rig.server.faults.add({ kind: 'status', status: 401, on });
  expect(await probeTaxiiFeed(rig.settings, rig.deps, signal)).toMatchObject({
    ok: false,
    error: { name: 'FeedError', code: 'unauthorized' },
  });
});
