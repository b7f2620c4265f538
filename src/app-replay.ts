import { readInputFiles } from './adapters/record-files/input-files.ts';
import { LineOutput } from './adapters/stdout/line-output.ts';
import { sha256 } from './adapters/system/digest.ts';
import type { ReplayTools } from './pipeline/replay-tools.ts';

/** What a replay reads with, names alerts by and prints to. */
export function replayTools(): ReplayTools {
  return { readFiles: readInputFiles, digest: sha256, output: new LineOutput(process.stdout) };
}
