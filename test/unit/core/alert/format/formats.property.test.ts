import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSinks } from '../../../../../src/app-sinks.ts';
import { sinkFormats } from '../../../../../src/config/sinks.ts';
import { nativeFormat } from '../../../../../src/core/alert/format/alert-format.ts';
import { cloudEventsFormat } from '../../../../../src/core/alert/format/cloudevents.ts';
import { ecsFormat } from '../../../../../src/core/alert/format/ecs.ts';
import { ocsfFormat } from '../../../../../src/core/alert/format/ocsf.ts';
import { alertSchema } from '../../../../../src/dev/docs/alert-schema.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';
import { anAlert } from '../../../../support/sample-alert.ts';

type Json = Record<string, unknown>;

/** Each format with the places of the id of an alert, of its finding, and of its time in milliseconds. */
const formats = {
  native: {
    format: nativeFormat,
    id: ({ id }: Json) => id,
    finding: ({ findingKey }: Json) => findingKey,
    ms: ({ emittedAt }: Json) => Date.parse(emittedAt as string),
  },
  ocsf: {
    format: ocsfFormat,
    id: ({ metadata }: Json) => (metadata as Json)['uid'],
    finding: (document: Json) => (document['finding_info'] as Json)['uid'],
    ms: ({ time }: Json) => time,
  },
  ecs: {
    format: ecsFormat,
    id: ({ event }: Json) => (event as Json)['id'],
    finding: ({ tidewatch }: Json) => (tidewatch as Json)['findingKey'],
    ms: (document: Json) => Date.parse(document['@timestamp'] as string),
  },
  cloudevents: {
    format: cloudEventsFormat,
    id: ({ id }: Json) => id,
    finding: ({ subject }: Json) => subject,
    ms: ({ time }: Json) => Date.parse(time as string),
  },
};

test('every format that a sink may name is held against these laws', () => {
  expect(Object.keys(formats)).toEqual([...sinkFormats]);
});

test.each(sinkFormats)('a sink of the format %s encodes in it', (format) => {
  const clock = { now: () => 0, sleepUntil: () => Promise.resolve() };
  const asked = (): never => {
    throw new Error('standard output asks for nothing of the service');
  };
  const world = { clock, eventHubs: asked, storage: asked, storageContainer: '' };
  const [sink] = createSinks([{ type: 'stdout', name: 'stdout', format, silenced: 'send' }], [], world);
  expect(sink!.encode(anAlert())).toBe(formats[format].format.render(anAlert()));
});

describe.each(Object.entries(formats))('%s', (_name, { format, id, finding, ms }) => {
  test('renders any alert as one line of JSON under its id, its finding and its time', () => {
    fc.assert(
      fc.property(anyAlert, (alert) => {
        const text = format.render(alert)!;
        expect(text).not.toMatch(/[\n\r]/);
        const document = JSON.parse(text) as Json;
        expect([id(document), finding(document), ms(document)]).toEqual([
          alert.id,
          alert.findingKey,
          Date.parse(alert.emittedAt),
        ]);
      }),
    );
  });

  test('says one finding from its create to its close', () => {
    const said = (['create', 'update', 'close'] as const).map((activity, index) =>
      anAlert({ activity, id: String(index).repeat(32), ...(activity === 'close' && { closeReason: 'window-empty' }) }),
    );
    const documents = said.map((alert) => JSON.parse(format.render(alert)!) as Json);
    expect(new Set(documents.map(finding)).size).toBe(1);
    expect(new Set(documents.map(id)).size).toBe(3);
  });

  test('is sent as JSON', () => {
    expect(format.contentType).toMatch(/^application\/(cloudevents\+)?json$/);
  });
});

test('any alert is one that the published schema accepts', () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(alertSchema());
  fc.assert(
    fc.property(anyAlert, (alert) => {
      expect(validate(alert), JSON.stringify(validate.errors)).toBe(true);
    }),
  );
});
