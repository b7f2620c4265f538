/** Runs each work after the one before it, however that ended. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const ran = this.#last.then(work);
    this.#last = ran.catch(() => undefined);
    return ran;
  }
}
