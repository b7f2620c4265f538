/**
 * The kinds of options. Each says how its text is read; the table in options.ts says what the service has, and the
 * types of the configuration, its validation and its documentation derive from that table.
 */
export interface Option<Value> {
  readonly env: string;
  readonly description: string;
  /** Text used when the variable is unset; without one the option is then null. */
  readonly fallback: string | undefined;
  readonly secret: boolean;
  readonly group: string;
  /** What the text has to be, for messages: "a duration such as 30s, 15m, 24h". */
  readonly expected: string;
  /** Reads the text; undefined when it is not what was expected. One that can say more of it tells its problems. */
  readonly read: (text: string, problems?: string[]) => Value | undefined;
}

interface Declaration {
  readonly env: string;
  readonly description: string;
  readonly fallback?: string;
  readonly secret?: boolean;
  readonly group: string;
}

/** An option without a fallback may be null. */
type Declared<Value, D extends Declaration> = Option<D extends { fallback: string } ? Value : Value | null>;

function option<Value, D extends Declaration>(
  declaration: D,
  expected: string,
  read: Option<Value>['read'],
): Declared<Value, D> {
  const { env, description, fallback, secret = false, group } = declaration;
  return { env, description, fallback, secret, group, expected, read };
}

export function text<D extends Declaration>(declaration: D): Declared<string, D> {
  return option(declaration, 'a text', (value) => (value === '' ? undefined : value));
}

/** A JSON document, or `@FILE` that holds one, which tells its own problems. */
export function document<Value, D extends Declaration>(
  declaration: D,
  expected: string,
  read: (text: string, problems?: string[]) => Value | undefined,
): Declared<Value, D> {
  return option(declaration, expected, read);
}

const baseUrlMax = 200;

/**
 * An http or https URL to put paths behind, as everybody may see it; its value has no slash at its end. A text that may
 * hold credentials is not shown.
 */
export function baseUrl<D extends Declaration>(declaration: D): Declared<string, D> {
  const expected = `an http or https URL of at most ${baseUrlMax} characters without query or fragment`;
  return option(declaration, expected, (value, problems) => {
    if (value.includes('@')) {
      problems?.push(
        `Cannot use ${declaration.env} as it must hold no user name or password: current value has an @, as before the host`,
      );
      return undefined;
    }
    if (!/^https?:\/\/[^?#]+$/i.test(value) || !URL.canParse(value)) return undefined;
    const { origin, pathname } = new URL(value);
    const base = `${origin}${pathname.replace(/\/+$/, '')}`;
    return base.length <= baseUrlMax && /^[\w\-.~%/]*$/.test(pathname) ? base : undefined;
  });
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

export function integer<D extends Declaration & Bounds>(declaration: D): Declared<number, D> {
  const { least, most } = declaration;
  return option(declaration, `a whole number from ${least} to ${most}`, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  });
}

export function decimal<D extends Declaration & Bounds>(declaration: D): Declared<number, D> {
  const { least, most } = declaration;
  return option(declaration, `a number from ${least} to ${most}`, (value) => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  });
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration; its value is milliseconds. */
export function duration<D extends Declaration>(declaration: D): Declared<number, D> {
  return option(declaration, 'a duration such as 30s, 15m, 24h or 365d', (value) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value);
    const unit = durationUnits[match?.[2] ?? ''];
    return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
  });
}

const sizeUnits: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A size; its value is bytes. */
export function size<D extends Declaration>(declaration: D): Declared<number, D> {
  return option(declaration, 'a size such as 64KiB, 512MiB or 2GiB', (value) => {
    const match = /^(\d+)(B|KiB|MiB|GiB)$/.exec(value);
    const unit = sizeUnits[match?.[2] ?? ''];
    return unit === undefined ? undefined : Number(match?.[1]) * unit;
  });
}

export function choice<const Values extends readonly string[], D extends Declaration & { readonly values: Values }>(
  declaration: D & { readonly values: Values },
): Declared<Values[number], D> {
  return option(declaration, `one of ${declaration.values.join(', ')}`, (value): Values[number] | undefined =>
    declaration.values.find((candidate) => candidate === value),
  );
}

/** Comma-separated texts, blanks around them dropped. */
export function list<D extends Declaration>(declaration: D): Declared<readonly string[], D> {
  return option(declaration, 'a comma-separated list', (value): readonly string[] =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}
