import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../src/commands/configuration.ts';
import { readSinks, secretsOfSinks } from '../../../src/config/sinks.ts';

const read = (...sinks: readonly object[]): ReturnType<typeof readSinks> => readSinks(JSON.stringify(sinks), {});
const connectionString =
  'Endpoint=sb://other.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0';
const sentinel = { type: 'sentinel', endpoint: 'https://a.ingest.monitor.azure.com', ruleId: 'dcr-0123abcd' };

describe('sinks of Azure', () => {
  test('have the settings of the service where they name none', () => {
    expect(read({ type: 'event-hubs', hub: 'alerts' }, { type: 'blob' }, sentinel)).toMatchObject({
      problems: [],
      sinks: [
        { type: 'event-hubs', name: 'event-hubs', hub: 'alerts', connectionString: null, namespace: null },
        { type: 'blob', name: 'blob', container: null, prefix: 'alerts/' },
        { ...sentinel, stream: 'Custom-TidewatchAlerts_CL', audience: 'https://monitor.azure.com' },
      ],
    });
  });

  test('keep their connection string and its key secret', () => {
    const { sinks } = read({ type: 'event-hubs', hub: 'alerts', connectionString });
    expect(secretsOfSinks(sinks)).toEqual([connectionString, 'c2VjcmV0']);
  });

  test.each<[object, RegExp]>([
    [{ type: 'event-hubs' }, /hub as it must be the name of a hub: current value is nothing/],
    [{ type: 'event-hubs', hub: 'a', namespace: 'sb://a/' }, /namespace as it must be the host/],
    [{ type: 'event-hubs', hub: 'a', namespace: 'a.net', connectionString }, /namespace as it must be absent where/],
    [{ type: 'event-hubs', hub: 'a', connectionString: 'b' }, /connectionString as it must be a connection string/],
    [
      { type: 'event-hubs', hub: 'a', connectionString: `${connectionString};EntityPath=b` },
      /hub as it must be the EntityPath of connectionString: current value is "a"/,
    ],
    [{ type: 'blob', container: 'Upper' }, /container as it must be a name of 3 to 63/],
    [{ type: 'blob', container: 'a--b' }, /container as it must be a name of 3 to 63/],
    [{ type: 'blob', prefix: '/alerts' }, /prefix as it must be the beginning of the names/],
    [{ ...sentinel, format: 'native' }, /format as it must be absent/],
    [{ ...sentinel, endpoint: 'http://127.a.example' }, /endpoint as it must be an https URL/],
    [{ ...sentinel, endpoint: 'https://a.example/?b' }, /endpoint as it must be an https URL/],
    [{ ...sentinel, ruleId: 'rule' }, /ruleId as it must be the immutable id/],
    [{ ...sentinel, stream: 'SecurityAlert' }, /stream as it must be the name of a stream/],
    [{ ...sentinel, audience: 'monitor' }, /audience as it must be an https URL/],
  ])('%j is one problem', (sink, expected) => {
    expect(read(sink)).toMatchObject({ sinks: [], problems: [expect.stringMatching(expected)] });
  });

  const problemsWith = (sink: object, changes: Readonly<Record<string, string>> = {}): readonly string[] =>
    readConfiguration({
      EVENTHUB_CONNECTION_STRING:
        'Endpoint=sb://main.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=c2VjcmV0',
      ACTIVITY_HUB: 'activity',
      STORAGE_ACCOUNT_URL: 'https://account.blob.core.windows.net',
      TI_FEEDS: '[{"type":"file","name":"own","path":"/indicators"}]',
      SINKS: JSON.stringify([sink]),
      ...changes,
    }).problems;

  test('a hub that is read takes no alerts, however it is named', () => {
    const expected = [
      expect.stringMatching(/hub .* of sink event-hubs as it must be another hub than that of ACTIVITY_HUB/),
    ];
    expect(problemsWith({ type: 'event-hubs', hub: 'Activity' })).toEqual(expected);
    const namespace = 'MAIN.servicebus.windows.net';
    expect(problemsWith({ type: 'event-hubs', hub: 'activity', namespace })).toEqual(expected);
    expect(problemsWith({ type: 'event-hubs', hub: 'alerts' })).toEqual([]);
    expect(problemsWith({ type: 'event-hubs', hub: 'activity', connectionString })).toEqual([]);
  });

  test('a hub without a namespace of its own needs that of the service', () => {
    const namespaces = Object.fromEntries(
      ['ACTIVITY', 'SIGN_IN', 'SERVICE_PRINCIPAL'].map((prefix) => [
        `${prefix}_NAMESPACE`,
        'main.servicebus.windows.net',
      ]),
    );
    const changes = { ...namespaces, EVENTHUB_CONNECTION_STRING: '' };
    expect(problemsWith({ type: 'event-hubs', hub: 'alerts' }, changes)).toEqual([
      expect.stringMatching(/Cannot reach hub alerts of sink event-hubs as it has neither/),
    ]);
  });
});
