import type { EventSource, Origin, Position, Positions, SourceListener } from './ports.ts';

/** Listens to a source whose partitions are shared with other processes: they come and go. */
export interface SharedSourceListener extends SourceListener {
  /**
   * This process came to own the partition. Answers behind which position it is to be read; null reads what was enqueued
   * after the `readFromMs` of start(). `checkpoint` is what the checkpoint of the same incarnation says, null when there
   * is none. The reader opens when this resolves. It may take long: ownership is renewed and other partitions are read
   * meanwhile. `signal` aborts when the partition is lost or the source stops; the answer is then of no use. A rejection
   * is logged, and the claim is told again after a pause. Never called while an earlier onClaimed or an onEvents of the
   * partition runs.
   */
  readonly onClaimed: (origin: Origin, checkpoint: Position | null, signal: AbortSignal) => Promise<Position | null>;
  /**
   * This process no longer owns the partition: another took it, or it was released, or the source stops. Called exactly
   * once for each onClaimed that resolved: at the loss, or right behind an answer that came after it. No onEvents and no
   * onCaughtUp of the partition begins from here on until it is claimed again; an onEvents that runs goes on.
   */
  readonly onLost: (origin: Origin) => void;
}

/**
 * A source whose partitions are shared out among the processes of a consumer group. status() tells all partitions of the
 * hubs, whoever owns them; of those of others it knows the owner alone.
 */
export interface SharedEventSource extends Pick<EventSource, 'status' | 'errors'> {
  /** Begins to claim partitions; resolves when that has begun or a first attempt has failed (then it goes on trying). */
  start(listener: SharedSourceListener, readFromMs: number): Promise<void>;
  /** Says that positions are durable, so that the checkpoints of owned partitions may follow them; never ahead of them. */
  checkpoint(positions: Positions): void;
  /**
   * Gives a partition away, as when its state was fenced: its reader ends and onLost is called before this returns. It is
   * not claimed again for some seconds. One that is not owned is left alone.
   */
  release(origin: Origin): void;
  /**
   * Calls onLost for every partition, waits for handlers that run, writes the checkpoints that are behind and leaves the partitions to others at once; at most `graceMs`. Checkpoints told later are written as long as
   * nobody else owns the partition; a second call waits for them.
   */
  stop(graceMs: number): Promise<void>;
}
