import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cloudEventsFormat } from '../../../../../src/core/alert/format/cloudevents.ts';
import { formatNative } from '../../../../../src/core/alert/format/alert-format.ts';
import { alertSchema } from '../../../../../src/dev/docs/alert-schema.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';

const types = { create: 'tidewatch.alert.created', update: 'tidewatch.alert.updated', close: 'tidewatch.alert.closed' };

test('An event has the attributes of CloudEvents 1.0 and the native document as its data', () => {
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const { data, ...attributes } = JSON.parse(cloudEventsFormat.render(alert)!) as Record<string, unknown>;
      expect(attributes).toEqual({
        specversion: '1.0',
        id: alert.id,
        source: '/tidewatch/alerts',
        type: types[alert.activity],
        subject: alert.findingKey,
        time: alert.emittedAt,
        datacontenttype: 'application/json',
        dataschema: alertSchema()['$id'],
      });
      expect(JSON.stringify(data)).toBe(formatNative(alert));
    }),
  );
});

test('An event is sent under the media type of the structured mode', () => {
  expect(cloudEventsFormat.contentType).toBe('application/cloudevents+json');
});
