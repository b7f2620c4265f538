const never = new Promise<never>(() => undefined);

/**
 * Whether a process lives. What it asks of the world goes through here: once it was killed no promise of that settles any
 * more and no call takes effect; while it is stopped, as by SIGSTOP, nothing settles.
 */
export class Mortality {
  #isDead = false;
  #stopped: PromiseWithResolvers<null> | null = null;

  get isDead(): boolean {
    return this.#isDead;
  }

  get isStopped(): boolean {
    return this.#stopped !== null;
  }

  kill(): void {
    this.#isDead = true;
  }

  stop(): void {
    this.#stopped ??= Promise.withResolvers<null>();
  }

  goOn(): void {
    this.#stopped?.resolve(null);
    this.#stopped = null;
  }

  /** Settles as the promise does, but only while the process runs. */
  async through<Value>(promise: Promise<Value>): Promise<Value> {
    try {
      const value = await promise;
      await this.#running();
      return value;
    } catch (error) {
      await this.#running();
      throw error;
    }
  }

  /** The port as the process has it. The methods named answer at once, also to what is left of a dead process. */
  portOf<Port extends object>(port: Port, immediate: readonly (keyof Port)[] = []): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          const call = (): unknown => Reflect.apply(value, target, given);
          if (immediate.some((each) => each === name)) return call();
          return this.#isDead ? never : this.through(Promise.resolve(call()));
        };
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  }

  async #running(): Promise<void> {
    while (this.#stopped !== null) await this.#stopped.promise;
    if (this.#isDead) await never;
  }
}
