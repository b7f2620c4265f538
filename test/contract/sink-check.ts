import { describe, expect, test } from 'vitest';
import type { AlertSink } from '../../src/core/ports.ts';
import { documentsOf, unending } from './alert-sink.ts';

export interface CheckRig extends AsyncDisposable {
  readonly sink: AlertSink;
  /** Documents that reached the other side. */
  readonly received: () => number | Promise<number>;
  /** Makes the place one that nothing can be delivered to. */
  readonly breakPlace: () => unknown;
}

/** What holds for the check of every sink; `mend` is what its message says of a place that is away. */
export function sinkCheckLaws(kind: string, mend: RegExp, open: () => Promise<CheckRig>): void {
  describe(`the check of a ${kind} sink`, () => {
    test('says what it found, sends nothing, and keeps nothing from being delivered', async () => {
      await using rig = await open();
      expect(await rig.sink.check?.(unending)).toMatch(/[a-z]/);
      expect(await rig.received()).toBe(0);
      await rig.sink.deliver(documentsOf(['{"text":"one"}']), unending);
      expect(await rig.sink.check?.(unending)).toMatch(/[a-z]/);
      expect(await rig.received()).toBe(1);
    });

    test('tells of a place that is away, and what mends it', async () => {
      await using rig = await open();
      await rig.breakPlace();
      await expect(rig.sink.check?.(unending)).rejects.toMatchObject({
        name: 'SinkError',
        message: expect.stringMatching(mend) as string,
      });
    });
  });
}
