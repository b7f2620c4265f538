import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { cloudEventsFormat } from '../../src/core/alert/format/cloudevents.ts';
import { ecsFormat } from '../../src/core/alert/format/ecs.ts';
import { ocsfFormat } from '../../src/core/alert/format/ocsf.ts';
import { play } from './player.ts';
import { goldenScenarios } from './scenarios.ts';

/** It has sign-ins, several resources, a create, updates and a close. */
const name = 'stolen-service-principal';
const formats = { ocsf: ocsfFormat, ecs: ecsFormat, cloudevents: cloudEventsFormat };

describe(`The incident ${name}`, () => {
  const { alerts } = play(goldenScenarios().find(({ incident }) => incident.name === name)!);
  // The digest names how an index was built, which may change without any alert being another.
  const told = alerts.map((alert) => ({
    ...alert,
    indexVersion: alert.indexVersion.replace(/-[0-9a-f]+$/, '-digest'),
  }));

  test.each(Object.entries(formats))('reads in %s as it was reviewed', async (key, { render }) => {
    const ends = told.filter(({ activity }, index) => activity !== 'update' || index === 1);
    expect(ends.map(({ activity }) => activity)).toEqual(['create', 'update', 'close']);
    const text = await format(`[${ends.map(render).join(',')}]`, { parser: 'json', printWidth: 120 });
    await expect(text).toMatchFileSnapshot(`formats/${name}.${key}.json`);
  });
});
