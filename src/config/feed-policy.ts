import type { Decay } from '../core/intel/decay.ts';
import type { FeedPolicy } from '../core/intel/feed-policy.ts';
import { readDuration } from './feed-duration.ts';
import type { JsonFields } from './json-fields.ts';

/** Of OpenCTI's rule for addresses (decayRule-domain.ts). */
const openctiDefaults = { lifetime: '47d', pound: 0.55 };

/** The polynomial of OpenCTI is that of MISP with three times the pound for its speed. */
const speedPerPound = 3;

function numberWithin(fields: JsonFields, name: string, fallback: number, least: number, most: number): number {
  return fields.read(name, `a number from ${least} to ${most}`, fallback, (value) =>
    typeof value === 'number' && value >= least && value <= most ? value : undefined,
  );
}

function readDecay(feed: JsonFields): Decay | null {
  const value = feed.value('decay');
  if (value === undefined || value === null) return null;
  const fields = feed.nested('decay', 'an object with a model, or null');
  if (fields === null) return null;
  const model = fields.value('model');
  if (model !== 'opencti' && model !== 'misp') {
    fields.problem('model', 'must be "opencti" or "misp"', model);
    return null;
  }
  const usual = model === 'opencti' ? (readDuration(openctiDefaults.lifetime) ?? 0) : 0;
  const lifetimeMs = fields.read('lifetime', 'a duration such as 47d', usual, readDuration);
  const speed =
    model === 'opencti'
      ? numberWithin(fields, 'pound', openctiDefaults.pound, 0.05, 10) * speedPerPound
      : numberWithin(fields, 'speed', 0, 0.15, 30);
  if (model === 'misp')
    for (const [name, wanted] of [
      ['lifetime', 'must be a duration such as 120d'],
      ['speed', 'must be a number from 0.15 to 30'],
    ] as const)
      if (!fields.has(name)) fields.problem(name, wanted, undefined);
  fields.done();
  return { lifetimeMs, speed };
}

/** Reads how much the word of a feed counts. */
export function readFeedPolicy(fields: JsonFields): FeedPolicy {
  return {
    weight: numberWithin(fields, 'weight', 1, 0, 1),
    allowRevocation: fields.boolean('allowRevocation', true),
    decay: readDecay(fields),
    allowRedDescription: fields.boolean('allowRedDescription', false),
  };
}
