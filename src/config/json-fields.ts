/**
 * Reads the members of one JSON object and collects what is wrong with them, each problem with the member's place, the
 * value seen and the value wanted. Members that nobody asked for are problems too.
 */
export class JsonFields {
  readonly #place: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #problems: string[];
  readonly #asked = new Set<string>();

  constructor(place: string, values: Readonly<Record<string, unknown>>, problems: string[]) {
    this.#place = place;
    this.#values = values;
    this.#problems = problems;
  }

  /** The raw value; undefined when absent. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#values[name];
  }

  /** Reads a member, or takes the fallback when it is absent or not what is wanted. */
  read<Value>(name: string, wanted: string, fallback: Value, reader: (value: unknown) => Value | undefined): Value {
    const value = this.value(name);
    if (value === undefined) return fallback;
    const read = reader(value);
    if (read !== undefined) return read;
    this.problem(name, `must be ${wanted}`, value);
    return fallback;
  }

  /** Reads a text that must be there; "" when it is not. */
  text(name: string, wanted: string, accepts: (text: string) => boolean = () => true): string {
    const value = this.value(name);
    if (typeof value === 'string' && value !== '' && accepts(value)) return value;
    this.problem(name, `must be ${wanted}`, value);
    return '';
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.read(name, 'true or false', fallback, (value) => (typeof value === 'boolean' ? value : undefined));
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    return this.read(name, `a whole number from ${least} to ${most}`, fallback, (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined,
    );
  }

  /** Reports a problem with a member, and shows its value. */
  problem(name: string, wanted: string, value: unknown): void {
    const seen = value === undefined ? 'nothing' : JSON.stringify(value);
    this.#problems.push(`Cannot use ${this.#place}.${name} as it ${wanted}: current value is ${seen}`);
  }

  /** Reports a problem with a member whose value must not be shown. */
  secretProblem(name: string, wanted: string, seen: string): void {
    this.#problems.push(`Cannot use ${this.#place}.${name} as it ${wanted}: current value is ${seen}`);
  }

  /** Fields of a member that is an object itself; null when it is none. */
  nested(name: string, wanted: string): JsonFields | null {
    const value = this.value(name);
    if (isJsonObject(value)) return new JsonFields(`${this.#place}.${name}`, value, this.#problems);
    this.secretProblem(name, `must be ${wanted}`, kindOf(value));
    return null;
  }

  /** Fields of a member that is a list, named 0, 1 and so on; null when it is none. */
  elements(name: string, wanted: string): JsonFields | null {
    const value = this.value(name);
    if (Array.isArray(value))
      return new JsonFields(`${this.#place}.${name}`, Object.fromEntries(value.entries()), this.#problems);
    this.secretProblem(name, `must be ${wanted}`, kindOf(value));
    return null;
  }

  /** Names of the members there are. */
  names(): readonly string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Ends the reading: whatever was not asked for is a problem. */
  done(): void {
    const unknown = Object.keys(this.#values).filter((name) => !this.#asked.has(name));
    const known = [...this.#asked].sort().join(', ');
    for (const name of unknown) {
      this.#problems.push(
        `Cannot use ${this.#place} as it has the unknown key ${JSON.stringify(name)}: known keys are ${known}`,
      );
    }
  }
}

/** Names what a value is without showing it. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value)
    ? 'a list'
    : value === ''
      ? 'an empty text'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
