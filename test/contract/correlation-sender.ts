import { describe, expect, test } from 'vitest';
import { CorrelationError, type CorrelationHub, type CorrelationSender } from '../../src/core/correlation-sender.ts';

/** A sender on a correlation hub that takes orders to fail. */
export interface CorrelationRig extends AsyncDisposable {
  readonly sender: CorrelationSender;
  readonly hub: CorrelationHub;
  /** Texts that the hub took, oldest first. */
  readonly taken: (partition: string) => Promise<readonly string[]>;
  /** The next send is throttled, and the hub asks for a pause of 4 seconds. */
  readonly throttleOnce: () => void;
  /** The hub takes the next send and its acknowledgement is lost. */
  readonly loseAcknowledgement: () => void;
}

const never = new AbortController().signal;

/** The CorrelationError that the work rejects with. */
export async function correlationError(work: Promise<unknown>): Promise<CorrelationError> {
  const outcome: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof CorrelationError) return outcome;
  throw new Error(`Expected a CorrelationError: current value is ${String(outcome)}`);
}

/** What holds for every correlation sender. */
export function correlationSenderLaws(kind: string, make: () => Promise<CorrelationRig>): void {
  describe(`a ${kind} correlation sender`, () => {
    test('tells what the hub is', async () => {
      await using rig = await make();
      expect(await rig.sender.read(never)).toEqual(rig.hub);
    });

    test('puts what is sent one after the other in that order, each partition for itself', async () => {
      await using rig = await make();
      const texts = Array.from({ length: 20 }, (_, number) => `event ${number}`);
      const sendAll = async (partition: string): Promise<void> => {
        for (const text of texts) await rig.sender.send(partition, Buffer.from(text), never);
      };
      await Promise.all(rig.hub.partitions.map(sendAll));
      expect(await Promise.all(rig.hub.partitions.map(rig.taken))).toEqual(rig.hub.partitions.map(() => texts));
    });

    test('keeps bytes that are no text', async () => {
      await using rig = await make();
      await rig.sender.send('0', Uint8Array.from([0, 255, 128, 10]), never);
      expect(await rig.taken('0')).toEqual([Buffer.from([0, 255, 128, 10]).toString()]);
    });

    test('that is throttled rejects once, with the pause that was asked for, and nothing is taken', async () => {
      await using rig = await make();
      await rig.sender.send('0', Buffer.from('before'), never);
      rig.throttleOnce();
      const error = await correlationError(rig.sender.send('0', Buffer.from('throttled'), never));
      expect([error.code, error.retryable, error.retryAfterMs]).toEqual(['throttled', true, 4000]);
      expect(await rig.taken('0')).toEqual(['before']);
      await rig.sender.send('0', Buffer.from('throttled'), never);
      expect(await rig.taken('0')).toEqual(['before', 'throttled']);
    });

    test('whose acknowledgement was lost rejects as one that may be repeated, and both are taken', async () => {
      await using rig = await make();
      rig.loseAcknowledgement();
      const error = await correlationError(rig.sender.send('0', Buffer.from('twice'), never));
      expect([error.code, error.retryable]).toEqual(['unreachable', true]);
      await rig.sender.send('0', Buffer.from('twice'), never);
      expect(await rig.taken('0')).toEqual(['twice', 'twice']);
    });

    test('refuses an event that is too large, for good, and goes on', async () => {
      await using rig = await make();
      const error = await correlationError(rig.sender.send('0', new Uint8Array(1024 ** 2 + 1), never));
      expect([error.code, error.retryable]).toEqual(['too_large', false]);
      await rig.sender.send('0', Buffer.from('small'), never);
      expect(await rig.taken('0')).toEqual(['small']);
    });

    test('sends nothing for a signal that is aborted', async () => {
      await using rig = await make();
      const error = await correlationError(rig.sender.send('0', Buffer.from('late'), AbortSignal.abort()));
      expect([error.code, error.retryable, await rig.taken('0')]).toEqual(['aborted', true, []]);
    });

    test('sends nothing once it is closed', async () => {
      await using rig = await make();
      await rig.sender.send('0', Buffer.from('before'), never);
      await rig.sender.close();
      const error = await correlationError(rig.sender.send('0', Buffer.from('after'), never));
      expect([error.code, await rig.taken('0')]).toEqual(['aborted', ['before']]);
      await rig.sender.close();
    });
  });
}
