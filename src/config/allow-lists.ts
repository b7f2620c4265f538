import { allowActions, type AllowAction } from '../core/intel/allow-lists.ts';
import { readJsonList } from './json-list.ts';

export interface AllowListSettings {
  /** Unique; names the list in alerts, metrics and logs. */
  readonly name: string;
  /** File, folder or glob. */
  readonly path: string;
  readonly action: AllowAction;
}

const env = 'ALLOW_LISTS';
const listName = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;

/** Reads ALLOW_LISTS: a JSON list, or `@FILE` that holds one. Undefined, with every problem told, when it cannot be used. */
export function readAllowLists(text: string, problems: string[] = []): readonly AllowListSettings[] | undefined {
  const lists = readJsonList(env, text, problems, (fields): AllowListSettings => ({
    name: fields.text('name', 'a name of at most 64 letters, digits, blanks, ".", "_" or "-"', (name) =>
      listName.test(name),
    ),
    path: fields.text('path', 'a file, a folder or a glob of allow lists'),
    action: fields.read<AllowAction>('action', `one of ${allowActions.join(', ')}`, 'lower', (value) =>
      allowActions.find((action) => action === value),
    ),
  }));
  if (lists === null) return undefined;
  const before = problems.length;
  const places = new Map<string, number>();
  lists.forEach(({ name }, index) => {
    const earlier = places.get(name.toLowerCase());
    if (earlier !== undefined)
      problems.push(`Cannot use ${env}[${index}].name as it must be unique: ${name} is also ${env}[${earlier}]`);
    places.set(name.toLowerCase(), index);
  });
  return problems.length > before ? undefined : lists;
}
