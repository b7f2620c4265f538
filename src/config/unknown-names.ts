import { options } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const prefixes =
  /^(EVENTHUB|ACTIVITY|SIGN_IN|SERVICE_PRINCIPAL|NON_INTERACTIVE|MANAGED_IDENTITY|TI|FLUSH|CANDIDATE|PINNED|DEDUPLICATE|SNAPSHOT|DEAD_LETTERS|STORAGE|INDICATOR|ALERT|TIDEWATCH)_/;

const known: readonly string[] = Object.values(options).flatMap(({ env }) => [env, `${env}_FILE`]);

/** A name whose letters are ours, whatever the case and the underscores between them. */
function plain(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** Fewest letters to add, leave out, change or swap with a neighbour between two texts (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const least = Math.min(changed, (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(isSwap ? Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1) : least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** Whether a text is ours but for a slip. Short names of others are near to ours by chance: SEED is no slip of SPEED. */
function isNear(text: string, option: string): boolean {
  const tolerance = option.length >= 12 ? 2 : option.length >= 7 ? 1 : 0;
  if (Math.abs(text.length - option.length) > Math.max(tolerance, 1)) return false;
  return `${text}S` === option || text === `${option}S` || distance(text, option) <= tolerance;
}

/** The option that a name is most likely meant to be, or null when it is like none. */
export function likelyOption(name: string): string | null {
  const text = plain(name);
  const ranked = known
    .filter((env) => isNear(text, plain(env)))
    .map((env) => ({ env, wrong: distance(text, plain(env)) }))
    .sort((a, b) => a.wrong - b.wrong);
  return ranked[0]?.env ?? null;
}

/** Kubernetes describes each service of the namespace to every container: a service "tidewatch" gives TIDEWATCH_PORT. */
function isServiceLink(name: string, environment: Environment): boolean {
  const [, service] =
    /^(.+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/.exec(
      name,
    ) ?? [];
  return service !== undefined && environment[`${service}_SERVICE_HOST`] !== undefined;
}

/** What to say of names, of a command that reads some options only: what resembles none is not its business. */
export function likelyMisspellings(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const meant = likelyOption(name);
    return meant === null ? [] : [`There is no option ${name}: is ${meant} meant?`];
  });
}

/** Variables that look like ours and are no option. */
export function unknownNames(environment: Environment): readonly string[] {
  const ours = new Set(known);
  return Object.keys(environment).filter((name) => {
    if (ours.has(name) || isServiceLink(name, environment)) return false;
    return prefixes.test(name) || likelyOption(name) !== null;
  });
}
