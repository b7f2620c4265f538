import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { SinkError } from '../../../src/core/alert/sink-error.ts';
import { trialAlerts } from '../../../src/core/alert/trial-alert.ts';
import { alertSchema } from '../../../src/dev/docs/alert-schema.ts';
import { trySink } from '../../../src/pipeline/sink-trial.ts';
import { sha256, usualLinks } from '../../support/engine-builder.ts';
import { ScriptedSink } from '../../support/scripted-sink.ts';

const now = Date.UTC(2026, 2, 1, 12, 34, 56);
const alerts = trialAlerts(sha256, usualLinks, now);
const unending = new AbortController().signal;

describe('trialAlerts()', () => {
  test('gives alert documents as the schema has them', () => {
    const validate = new Ajv2020({ strict: false }).compile(alertSchema());
    for (const alert of alerts) expect(validate(alert), JSON.stringify(validate.errors)).toBe(true);
  });

  test('gives a create and its close of one finding, under ids that no other instant has', () => {
    const [opening, close] = alerts;
    expect([opening.activity, close.activity]).toEqual(['create', 'close']);
    expect(close.findingKey).toBe(opening.findingKey);
    const later = trialAlerts(sha256, usualLinks, now + 1000);
    expect(new Set([...alerts, ...later].map(({ id }) => id)).size).toBe(4);
  });

  test('says in words that it is a test, of an address that nobody has', () => {
    expect(alerts[0]).toMatchObject({ severity: 'Informational', ip: '192.0.2.1', caller: 'tidewatch-test' });
    expect(alerts[0].row.TI_Description).toMatch(/^Test of the sinks of Tidewatch/);
  });
});

describe('trySink()', () => {
  test('gives both alerts one by one', async () => {
    const sink = new ScriptedSink();
    expect(await trySink(sink, alerts, unending)).toEqual({
      status: 'ok',
      detail: 'took the test alert and its close',
    });
    expect(sink.sizes).toEqual([1, 1]);
    expect(sink.taken.map(({ id }) => id)).toEqual(alerts.map(({ id }) => id));
  });

  test('tells what a sink says that does not take them, and asks it once', async () => {
    const sink = new ScriptedSink();
    sink.steps.push({ fails: new SinkError('unauthorized', 'the sink answers 401: check its key') });
    const trial = await trySink(sink, alerts, unending);
    expect(trial).toEqual({ status: 'fail', detail: 'the sink answers 401: check its key' });
    expect(sink.sizes).toEqual([1]);
  });

  test('says so when a sink wants nothing of them', async () => {
    const sink = new ScriptedSink();
    sink.wants = () => false;
    expect(await trySink(sink, alerts, unending)).toEqual({
      status: 'ok',
      detail: 'nothing was sent, as it wants nothing of a test alert',
    });
    expect(sink.sizes).toEqual([]);
  });
});
