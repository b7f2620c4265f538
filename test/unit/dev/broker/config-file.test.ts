import { expect, test } from 'vitest';
import { hubsOfConfig } from '../../../../src/dev/broker/config-file.ts';

function config(entities: unknown, type = 'EventHub'): string {
  return JSON.stringify({
    UserConfig: {
      NamespaceConfig: [{ Type: type, Name: 'emulatorNs1', Entities: entities }],
      LoggingConfig: { Type: 'File' },
    },
  });
}

test('hubsOfConfig() reads what the official emulator reads', () => {
  const text = config([
    { Name: 'eh1', PartitionCount: '2', ConsumerGroups: [{ Name: 'cg1' }, { Name: 'cg2' }] },
    { Name: 'eh2', PartitionCount: 32, ConsumerGroups: [] },
  ]);
  expect(hubsOfConfig(text)).toEqual([
    { name: 'eh1', partitions: 2, consumerGroups: ['cg1', 'cg2'] },
    { name: 'eh2', partitions: 32, consumerGroups: [] },
  ]);
});

test('hubsOfConfig() names everything that is wrong at once', () => {
  const text = config([
    { Name: 'a', PartitionCount: 33, ConsumerGroups: [{ Name: '$default' }] },
    { Name: 'A', PartitionCount: 1.5, ConsumerGroups: [{ Name: '' }] },
    { PartitionCount: 1 },
  ]);
  let message = '';
  try {
    hubsOfConfig(text);
  } catch (error) {
    message = String(error);
  }
  for (const part of ['33', '$default', '1.5', "a hub's Name is absent", 'consumer group of "A"', 'the same name']) {
    expect(message).toContain(part);
  }
});

test('hubsOfConfig() refuses a file without a namespace, of another type, or without hubs', () => {
  expect(() => hubsOfConfig('{}')).toThrow('NamespaceConfig has 0 namespaces');
  expect(() => hubsOfConfig(config([{ Name: 'a', PartitionCount: 1 }], 'ServiceBus'))).toThrow('Type is "ServiceBus"');
  expect(() => hubsOfConfig(config([]))).toThrow('Entities has 0 hubs');
});
