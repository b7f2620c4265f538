import type { AlertActivity } from '../alert.ts';
import { constant, copied, mappedFormat, type Field } from './mapping.ts';

/** Names the schema of the data, deploy/reference/alert.schema.json; another schemaVersion has another. */
export const alertSchemaUri = 'urn:tidewatch:alert:1';

const types: Readonly<Record<AlertActivity, string>> = {
  create: 'tidewatch.alert.created',
  update: 'tidewatch.alert.updated',
  close: 'tidewatch.alert.closed',
};

const fields: readonly Field[] = [
  constant('specversion', '1.0'),
  copied('id', 'id'),
  constant('source', '/tidewatch/alerts'),
  {
    target: 'type',
    source: ['activity'],
    rule: Object.entries(types)
      .map(([activity, type]) => `${activity}: \`${type}\``)
      .join(', '),
    value: ({ activity }) => types[activity],
  },
  copied('subject', 'findingKey'),
  copied('time', 'emittedAt'),
  constant('datacontenttype', 'application/json'),
  constant('dataschema', alertSchemaUri),
  { target: 'data', source: ['*'], rule: 'the native document', value: (alert) => alert },
];

/**
 * An event of CloudEvents 1.0.2 in structured JSON, with the native document as its data. Source and id name one
 * emission, so a repeated delivery shows; the subject groups what is said of one finding.
 */
export const cloudEventsFormat = mappedFormat('application/cloudevents+json', fields);
