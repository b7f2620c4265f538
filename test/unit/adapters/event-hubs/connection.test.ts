import { describe, expect, test } from 'vitest';
import {
  distinctStreams,
  namespaceOf,
  streamProblem,
  type EventHubConnection,
  type EventHubStream,
} from '../../../../src/adapters/event-hubs/connection.ts';

const credential = { getToken: () => Promise.resolve(null) };

function byKey(endpoint: string, rest = 'SharedAccessKeyName=n;SharedAccessKey=k='): EventHubConnection {
  return { connectionString: `Endpoint=${endpoint};${rest}` };
}

function stream(name: string, connection: EventHubConnection, hubOption = 'ACTIVITY_HUB'): EventHubStream {
  return { name, connection, hubOption, connectionOption: 'EVENTHUB_CONNECTION_STRING' };
}

test.each([
  [byKey('sb://Name.servicebus.windows.net/'), 'name.servicebus.windows.net'],
  [byKey('sb://127.0.0.1:5673'), '127.0.0.1:5673'],
  [{ connectionString: 'SharedAccessKey=x;endpoint = sb://h/' }, 'h'],
  [{ connectionString: 'nonsense' }, ''],
  [{ namespace: 'sb://Name.servicebus.windows.net/', credential }, 'name.servicebus.windows.net'],
  [{ namespace: 'name.servicebus.windows.net', credential }, 'name.servicebus.windows.net'],
])('namespaceOf(%j) is %j', (connection, expected) => {
  expect(namespaceOf(connection)).toBe(expected);
});

describe('distinctStreams()', () => {
  test('keeps a hub that is named twice once, with all the options that named it', () => {
    const one = stream('logs', byKey('sb://a/'));
    const same = [stream('LOGS', byKey('sb://A/'), 'SIGN_IN_HUB'), stream('logs', byKey('sb://a'), 'SIGN_IN_HUB')];
    expect(distinctStreams([one, ...same])).toEqual([{ ...one, hubOption: 'ACTIVITY_HUB, SIGN_IN_HUB' }]);
  });

  test('keeps hubs of one name in different namespaces apart', () => {
    expect(distinctStreams([stream('logs', byKey('sb://a/')), stream('logs', byKey('sb://b/'))])).toHaveLength(2);
  });
});

describe('streamProblem()', () => {
  test.each([
    byKey('sb://a/'),
    byKey('sb://a/', 'SharedAccessKeyName=n;SharedAccessKey=k=;EntityPath=Logs'),
    byKey('sb://a/', 'SharedAccessSignature=SharedAccessSignature sr=x'),
    { namespace: 'a.servicebus.windows.net', credential },
  ])('has nothing against %j', (connection) => {
    expect(streamProblem(stream('logs', connection))).toBeNull();
  });

  test.each([
    [byKey('sb://a/', 'SharedAccessKeyName=n;SharedAccessKey=k;EntityPath=other'), 'current value is other'],
    [byKey('sb://a/', 'SharedAccessKeyName=n'), 'it lacks SharedAccessKey'],
    [{ connectionString: 'nonsense' }, 'it lacks Endpoint and SharedAccessKeyName and SharedAccessKey'],
    [{ namespace: ' ', credential }, 'names no host'],
  ])('tells what is wrong with %j', (connection, text) => {
    expect(streamProblem(stream('logs', connection))).toContain(text);
  });

  test('tells no secret', () => {
    const connection = byKey('sb://a/', 'SharedAccessKeyName=n;SharedAccessKey=hush;EntityPath=other');
    expect(streamProblem(stream('logs', connection))).not.toContain('hush');
  });
});
