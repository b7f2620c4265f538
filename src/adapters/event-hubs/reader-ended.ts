/** Ends a reader on purpose. A plain error: one that calls itself retryable would lose the batch. */
export class ReaderEnded extends Error {}
