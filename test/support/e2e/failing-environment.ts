import { writeFileSync } from 'node:fs';
import path from 'node:path';

type Json = Readonly<Record<string, unknown>>;
export type Environment = Readonly<Record<string, string>>;

/** Keys that no server of the stack knows. Long ones, so that no other text holds them by chance. */
export const wrongKey = 'd3Jvbmcta2V5LW9mLXRpZGV3YXRjaA==';
export const wrongPassword = 'wrong-password-of-the-feed';

/** The environment of a stack with one thing changed at a time. */
export class FailingEnvironment {
  readonly #good: Environment;

  constructor(good: Environment) {
    this.#good = good;
  }

  /** Everything in it that no output may show, beside the wrong keys. */
  get secrets(): readonly string[] {
    const keys = [this.#eventHub, this.#storage].map((text) => /(?:SharedAccess|Account)Key=([^;]+)/.exec(text)?.[1]);
    const passwords = [...this.#feeds.matchAll(/"password":"([^"]+)"/g)].map(([, password]) => password);
    return [...keys, ...passwords, wrongKey, wrongPassword].filter((secret) => secret !== undefined);
  }

  with(changes: Environment): Environment {
    return { ...this.#good, ...changes };
  }

  without(...names: readonly string[]): Environment {
    return Object.fromEntries(Object.entries(this.#good).filter(([name]) => !names.includes(name)));
  }

  wrongEventHubKey(): Environment {
    return { EVENTHUB_CONNECTION_STRING: this.#eventHub.replace(/(SharedAccessKey=)[^;]+/, `$1${wrongKey}`) };
  }

  eventHubAt(port: number): Environment {
    return { EVENTHUB_CONNECTION_STRING: this.#eventHub.replace(/(127\.0\.0\.1):\d+/, `$1:${port}`) };
  }

  wrongStorageKey(): Environment {
    return { STORAGE_CONNECTION_STRING: this.#storage.replace(/(AccountKey=)[^;]+/, `$1${wrongKey}`) };
  }

  storageAt(port: number): Environment {
    return { STORAGE_CONNECTION_STRING: this.#storage.replace(/(127\.0\.0\.1):\d+/, `$1:${port}`) };
  }

  /** The stack's feed with other members, and more feeds beside it. */
  feed(changes: Json, ...others: readonly Json[]): Environment {
    const [feed] = JSON.parse(this.#feeds) as [Json];
    return { TI_FEEDS: JSON.stringify([{ ...feed, ...changes }, ...others]) };
  }

  wrongFeedPassword(...others: readonly Json[]): Environment {
    return this.feed({ auth: { basic: { username: 'tidewatch', password: wrongPassword } } }, ...others);
  }

  /** The whole environment with each value in a file of the folder, named by NAME_FILE. */
  inFiles(folder: string): Environment {
    return Object.fromEntries(
      Object.entries(this.#good).map(([name, value]) => {
        const file = path.join(folder, name);
        writeFileSync(file, `${value}\n`);
        return [`${name}_FILE`, file];
      }),
    );
  }

  get #eventHub(): string {
    return this.#good['EVENTHUB_CONNECTION_STRING'] ?? '';
  }

  get #storage(): string {
    return this.#good['STORAGE_CONNECTION_STRING'] ?? '';
  }

  get #feeds(): string {
    return this.#good['TI_FEEDS'] ?? '';
  }
}
