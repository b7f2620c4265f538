import type { Address, AddressRange } from '../../core/address.ts';
import { parseCidr } from '../../core/address-range.ts';
import type { ParameterError } from './problem.ts';

/** Reads one IP address; null for ranges too. IPv4-mapped IPv6 is its IPv4 address. */
export function parseOneAddress(text: string): Address | null {
  const range = parseCidr(text);
  return range === null || range.first !== range.last ? null : range.first;
}

/** Reads the parameters of a query and gathers every problem, so that one answer names them all. */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #errors: ParameterError[] = [];

  /** `query` is the parsed query string: a text, or a list of texts when a name came more than once. */
  constructor(query: Readonly<Record<string, unknown>>, known: readonly string[]) {
    for (const [name, value] of Object.entries(query)) {
      if (!known.includes(name)) {
        this.fail(name, `Cannot use ${name} as no such parameter exists: known are ${known.join(', ')}`);
      } else if (typeof value === 'string') {
        this.#values.set(name, value);
      } else {
        this.fail(name, `Cannot use ${name} as it is given more than once: give it once`);
      }
    }
  }

  get errors(): readonly ParameterError[] {
    return this.#errors;
  }

  fail(parameter: string, detail: string): void {
    this.#errors.push({ parameter, detail });
  }

  /** Null when absent; "" when present and empty. */
  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  #read<Value>(name: string, expected: string, read: (text: string) => Value | null): Value | null {
    const text = this.#values.get(name);
    if (text === undefined) return null;
    const value = read(text);
    if (value === null) {
      this.fail(name, `Cannot use ${name} as it is not ${expected}: current value is ${JSON.stringify(text)}`);
    }
    return value;
  }

  boolean(name: string): boolean | null {
    return this.#read(name, 'true or false', (text) => (text === 'true' ? true : text === 'false' ? false : null));
  }

  range(name: string): AddressRange | null {
    return this.#read(name, 'an IP address or a CIDR range', parseCidr);
  }

  address(name: string): Address | null {
    return this.#read(name, 'one IP address', parseOneAddress);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | null {
    return this.#read(name, `one of ${choices.join(', ')}`, (text) => choices.find((each) => each === text) ?? null);
  }

  /** A whole number from 1 to `most`; `fallback` when absent. */
  count(name: string, { fallback, most }: { readonly fallback: number; readonly most: number }): number {
    const number = this.#read(name, `a whole number from 1 to ${most}`, (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
      return value >= 1 && value <= most ? value : null;
    });
    return number ?? fallback;
  }

  /** A text that `read` understands; it answers null for any other. */
  parsed<Value>(name: string, expected: string, read: (text: string) => Value | null): Value | null {
    return this.#read(name, expected, read);
  }
}
