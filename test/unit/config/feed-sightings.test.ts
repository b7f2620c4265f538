import { expect, test } from 'vitest';
import type { SightingSinkSettings } from '../../../src/adapters/taxii/sighting-sink.ts';
import { readFeeds, sightingFeeds } from '../../../src/config/feeds.ts';

const taxii = { type: 'taxii', name: 'one', url: 'https://taxii.example/taxii2/' };
const identity = 'identity--11111111-1111-4111-8111-111111111111';

function read(sightings: unknown, changes: object = {}): ReturnType<typeof readFeeds> {
  return readFeeds(JSON.stringify([{ ...taxii, ...changes, sightings }]), {});
}

test('sightings need a collection, and the rest has defaults', () => {
  const adapted = sightingFeeds(read({ collection: 'in' }).feeds).map(
    ({ sightings }): SightingSinkSettings => sightings,
  );
  expect(adapted).toEqual([{ collection: 'in', perMinute: 60, tlpMax: 'AMBER', identity: null }]);
});

test('sightings are read as written', () => {
  const written = { collection: 'in', perMinute: 5, tlpMax: 'tlp:red', identity };
  expect(sightingFeeds(read(written).feeds)[0]?.sightings).toEqual({ ...written, tlpMax: 'RED' });
});

test('a feed without sightings reports none', () => {
  expect(sightingFeeds(readFeeds(JSON.stringify([taxii])).feeds)).toEqual([]);
});

test.each<[unknown, RegExp]>([
  [true, /TI_FEEDS\[0\] \(one\)\.sightings as it must be an object with a collection: current value is a boolean/],
  [{}, /\.sightings\.collection as it must be the id, alias or title of a collection that can be written/],
  [{ collection: 'in', perMinute: 0 }, /\.sightings\.perMinute as it must be a whole number from 1 to 100000/],
  [{ collection: 'in', tlpMax: 'PURPLE' }, /\.sightings\.tlpMax as it must be one of RED, AMBER\+STRICT, AMBER/],
  [{ collection: 'in', identity: 'SOC' }, /\.sightings\.identity as it must be an id such as identity--UUID or null/],
  [{ collection: 'in', rate: 3 }, /\.sightings as it has the unknown key "rate": known keys are collection, identity/],
])('sightings %j are refused', (sightings, problem) => {
  const { feeds, problems } = read(sightings);
  expect(feeds).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(problem)]);
});

test('sightings are refused in TAXII 2.0', () => {
  expect(read({ collection: 'in' }, { version: '2.0' }).problems).toEqual([
    'Cannot use TI_FEEDS[0] (one).version as it must be "2.1" or null as sightings are given: current value is "2.0"',
  ]);
});
