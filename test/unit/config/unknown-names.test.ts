import { expect, test } from 'vitest';
import { options } from '../../../src/config/options.ts';
import { likelyOption, unknownNames } from '../../../src/config/unknown-names.ts';

function unknownOf(...names: readonly string[]): readonly string[] {
  return unknownNames(Object.fromEntries(names.map((name) => [name, 'x'])));
}

test('no option is unknown, nor the file that may hold it', () => {
  const names = Object.values(options).flatMap(({ env }) => [env, `${env}_FILE`]);
  expect(unknownOf(...names)).toEqual([]);
});

test.each<[string, string]>([
  ['FLUSH_INTERVL', 'FLUSH_INTERVAL'],
  ['FLUSH_INTREVAL', 'FLUSH_INTERVAL'],
  ['LOOK_BACK', 'LOOKBACK'],
  ['SINK', 'SINKS'],
  ['TI_FEED', 'TI_FEEDS'],
  ['CONSUMERGROUP', 'CONSUMER_GROUP'],
  ['EVENT_HUB_CONNECTION_STRING', 'EVENTHUB_CONNECTION_STRING'],
  ['EVENTHUB_CONNECTIONSTRING', 'EVENTHUB_CONNECTION_STRING'],
  ['STORAGE_CONECTION_STRING_FILE', 'STORAGE_CONNECTION_STRING_FILE'],
  ['flush_interval', 'FLUSH_INTERVAL'],
  ['MIN_CONFIDENSE', 'MIN_CONFIDENCE'],
])('%s is unknown, and %s is meant', (name, meant) => {
  expect(unknownOf(name)).toEqual([name]);
  expect(likelyOption(name)).toBe(meant);
});

test.each(['FLUSH_EVERYTHING', 'TIDEWATCH_MODE', 'STORAGE_ACCOUNT_KEY', 'TI_PROXY'])(
  '%s looks like ours and like no option',
  (name) => {
    expect(unknownOf(name)).toEqual([name]);
    expect(likelyOption(name)).toBeNull();
  },
);

test.each([
  'PATH',
  'HOME',
  'HOSTNAME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'LOG_FORMAT',
  'PORT',
  'SEED',
  'NODE_OPTIONS',
  'AZURE_CLIENT_ID',
  'KUBERNETES_SERVICE_HOST',
  'npm_config_loglevel',
])('%s belongs to others', (name) => {
  expect(unknownOf(name)).toEqual([]);
});

test('what Kubernetes says of a service of our name belongs to others', () => {
  const links = [
    'TIDEWATCH_SERVICE_HOST',
    'TIDEWATCH_SERVICE_PORT',
    'TIDEWATCH_SERVICE_PORT_HTTP',
    'TIDEWATCH_PORT',
    'TIDEWATCH_PORT_8080_TCP',
    'TIDEWATCH_PORT_8080_TCP_ADDR',
  ];
  expect(unknownOf(...links)).toEqual([]);
  expect(unknownOf('TIDEWATCH_PORT')).toEqual(['TIDEWATCH_PORT']);
});
