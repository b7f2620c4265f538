import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webServer } from '../support/e2e/endpoints.ts';
import { FailingEnvironment, type Environment } from '../support/e2e/failing-environment.ts';
import { FailingService } from '../support/e2e/failing-service.ts';
import { indicatorOf } from '../support/e2e/incident-records.ts';
import { jsonLine, NodeProcess } from '../support/e2e/node-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';

let stack: StackProcess;
let failing: FailingEnvironment;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-configuration-'));
  stack = await StackProcess.start({ indicators: [indicatorOf('203.0.113.77', Date.now())], partitions: 1 });
  failing = new FailingEnvironment(stack.environment);
});

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

interface Refusal {
  readonly code: number | null;
  /** Level and message of each line of the log. */
  readonly log: readonly string[];
}

/** Runs a service that does not come to listen; its output holds no secret, and its log is JSON. */
async function refused(environment: Environment): Promise<Refusal> {
  const service = new NodeProcess(['src/main.ts', 'serve'], { HTTP_PORT: '0', ...environment });
  const code = await service.ended();
  for (const secret of failing.secrets) expect(service.report()).not.toContain(secret);
  expect(service.stdout).toEqual([]);
  const log = service.stderr.map((line) => {
    const { level, msg } = jsonLine(line) ?? {};
    return `${String(level)}: ${String(msg)}`;
  });
  return { code, log };
}

test('all problems are logged together with what is misspelt, and the exit code is 78', async () => {
  const { code, log } = await refused({
    ...failing.without('EVENTHUB_CONNECTION_STRING'),
    DEAD_LETTERS: 'nowhere',
    LOG_LEVEL: 'loud',
    TI_FEEDS: '[{"type":"taxii","name":"one","url":"http://taxii.example/","auth":{"bearer":7}}]',
    EVENT_HUB_CONNECTION_STRING: stack.environment.EVENTHUB_CONNECTION_STRING,
  });
  expect(log).toEqual([
    'warn: Cannot use EVENT_HUB_CONNECTION_STRING as there is no such option: is EVENTHUB_CONNECTION_STRING meant?',
    'error: Cannot use LOG_LEVEL as it is not one of debug, info, warn, error: current value is "loud"',
    'error: Cannot reach Event Hubs as neither EVENTHUB_CONNECTION_STRING nor EVENTHUB_NAMESPACE is set: set one of them',
    'error: Cannot use DEAD_LETTERS as it must be blob:PREFIX or file:FOLDER: current value is "nowhere"',
    expect.stringMatching(/^error: Cannot use TI_FEEDS\[0\] \(one\)\.url as it must be an https URL/),
    expect.stringMatching(/^error: Cannot use TI_FEEDS\[0\] \(one\)\.auth\.bearer as it must be a text, /),
  ]);
  expect(code).toBe(78);
});

test('SPEED without a development endpoint is refused', async () => {
  const cloud = stack.environment.EVENTHUB_CONNECTION_STRING.replace('UseDevelopmentEmulator=true', '');
  expect(await refused(failing.with({ EVENTHUB_CONNECTION_STRING: cloud, SPEED: '60' }))).toEqual({
    code: 78,
    log: [expect.stringMatching(/^error: Cannot use SPEED as Event Hubs is not a development endpoint: remove SPEED/)],
  });
});

test('a port that is taken is told with the option that holds it, and the exit code is 69', async () => {
  const other = await webServer((_request, response) => response.end());
  const { port } = new URL(other.url);
  try {
    expect(await refused(failing.with({ HTTP_PORT: port }))).toEqual({
      code: 69,
      log: [
        expect.stringMatching(`^error: Cannot listen on 127.0.0.1 port ${port}: .*: check HTTP_HOST and HTTP_PORT$`),
      ],
    });
    expect(await refused(failing.with({ OPS_PORT: port }))).toEqual({
      code: 69,
      log: [expect.stringMatching(/: check HTTP_HOST and OPS_PORT$/)],
    });
  } finally {
    await other.stop();
  }
});

test('a misspelt variable is a warning, and the service runs', async () => {
  const service = await FailingService.start(failing.with({ LOOK_BACK: '12h' }), failing.secrets);
  try {
    expect(service.logs('warn')).toEqual(['Cannot use LOOK_BACK as there is no such option: is LOOKBACK meant?']);
    await service.recovers();
  } finally {
    await service.stop();
  }
});

test('every variable may be read from a file, and what it held stays secret', async () => {
  const service = await FailingService.start(failing.inFiles(folder), failing.secrets);
  try {
    await service.recovers();
    expect(service.logs('warn')).toEqual([]);
    expect(service.logs('error')).toEqual([]);
  } finally {
    await service.stop();
  }
});

test('the name of the account of a feed is no secret', async () => {
  const service = await FailingService.start(failing.with({ STORAGE_CONTAINER: 'Tidewatch' }), failing.secrets);
  try {
    await service.tells({
      check: 'source:error',
      component: 'storage',
      status: 'warn',
      level: 'error',
      message: /Cannot open container Tidewatch as the storage does not take its name: check STORAGE_CONTAINER; /,
    });
    expect(service.logs('error').join()).not.toContain('[secret]');
  } finally {
    await service.stop();
  }
});
