import type { Config } from './config.ts';
import { options } from './options.ts';

/** Names of the parts of connection strings and of JSON members that are secret by themselves. */
const secretName = /key|signature|password|secret|token|credential/i;

/** The secret parts of a text: values of a connection string (`AccountKey=…;`) or members of a JSON document. */
export function secretParts(text: string): string[] {
  try {
    const members: string[] = [];
    JSON.parse(text, (name, value: unknown) => {
      if (secretName.test(name) && typeof value === 'string') members.push(value);
      return value;
    });
    return members;
  } catch {
    return text.split(';').flatMap((part) => {
      const [, name = '', value = ''] = /^\s*([^=]+)=(.*)$/.exec(part) ?? [];
      // SharedAccessKeyName names a policy; the log is allowed to.
      return secretName.test(name) && !/name$/i.test(name.trim()) ? [value.trim()] : [];
    });
  }
}

/**
 * Every text that must not leave the process: the values of options declared secret, and the secret parts of them. A
 * value that only names a file (`@FILE`) is none; whoever reads the file adds its secretParts().
 */
export function secretsOf(config: Config): string[] {
  const values: readonly (readonly [string, unknown])[] = Object.entries(config);
  return values.flatMap(([name, value]) => {
    const { secret } = options[name as keyof Config];
    return secret && typeof value === 'string' && !value.startsWith('@') ? [value, ...secretParts(value)] : [];
  });
}
