import { expect, test } from 'vitest';
import { PartialDelivery } from '../../../../src/core/alert/partial-delivery.ts';
import type { SinkDocument } from '../../../../src/core/ports.ts';

function documents(...ids: readonly string[]): SinkDocument[] {
  const emittedAt = '2026-03-01T11:30:02.120Z';
  return ids.map((id) => ({ id, findingKey: 'finding', activity: 'create', emittedAt, text: '{}' }));
}

test('PartialDelivery leaves out what was taken until a delivery of it is over', () => {
  const partial = new PartialDelivery();
  const [a, b, c] = documents('a', 'b', 'c') as [SinkDocument, SinkDocument, SinkDocument];
  expect(partial.remaining([a, b, c])).toEqual([a, b, c]);
  partial.took([a, c]);
  expect(partial.remaining([a, b, c])).toEqual([b]);
  partial.completed([a]);
  expect(partial.remaining([a, b, c])).toEqual([a, b]);
});
