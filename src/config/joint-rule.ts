import type { Config } from './options.ts';

/** A rule over options. It is tried only when each of them could be read. */
export interface JointRule {
  readonly names: readonly (keyof Config)[];
  /** What is wrong, each with the values seen and the value wanted. */
  readonly problems: (config: Config) => readonly string[];
}

export function unless(holds: boolean, problem: string): readonly string[] {
  return holds ? [] : [problem];
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}
