import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format } from 'prettier';
import { alertExamples, alertExamplesPage } from './alert-examples.ts';
import { alertFormatsReference } from './alert-formats.ts';
import { alertSchema } from './alert-schema.ts';
import { configurationReference, environmentExample } from './configuration.ts';
import { metricsReference } from './metrics.ts';
import { silencesReference } from './silences.ts';
import { sinksReference } from './sinks.ts';

const style = { printWidth: 120, singleQuote: true } as const;

/** The generated reference pages: path under the repository → content. */
export async function docsFiles(): Promise<ReadonlyMap<string, string>> {
  const examples = [...alertExamples()].map(async ([path, text]): Promise<[string, string]> => [
    path,
    await format(text, { ...style, parser: 'json' }),
  ]);
  return new Map([
    ['deploy/reference/configuration.md', await format(configurationReference(), { ...style, parser: 'markdown' })],
    ['deploy/reference/metrics.md', await format(metricsReference(), { ...style, parser: 'markdown' })],
    ['deploy/reference/env.example', environmentExample()],
    ['deploy/reference/alert-formats.md', await format(alertFormatsReference(), { ...style, parser: 'markdown' })],
    ['deploy/reference/alert.schema.json', await format(JSON.stringify(alertSchema()), { ...style, parser: 'json' })],
    ['deploy/reference/sinks.md', await format(sinksReference(), { ...style, parser: 'markdown' })],
    ['deploy/reference/silences.md', await format(silencesReference(), { ...style, parser: 'markdown' })],
    ['deploy/reference/alert-examples/README.md', await format(alertExamplesPage(), { ...style, parser: 'markdown' })],
    ...(await Promise.all(examples)),
  ]);
}

/** Writes every generated page under the root of the repository; answers their paths. */
export async function writeDocs(root: string): Promise<readonly string[]> {
  const files = await docsFiles();
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return [...files.keys()];
}
