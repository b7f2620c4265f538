import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { resolve } from 'node:path';
import { importRules, type Rule } from './import-rules.ts';

export interface ImportGraph {
  readonly sources: readonly string[];
  /** What breaks a rule, as "from → to". */
  brokenBy(rule: Rule): string[];
}

/** The files under `src` of a folder and what they import, types too, judged by the import rules. */
export async function importGraph(root: string): Promise<ImportGraph> {
  const { output } = await cruise(
    ['src'],
    {
      baseDir: resolve(root),
      ruleSet: { forbidden: [...importRules] },
      validate: true,
      tsPreCompilationDeps: 'specify',
      doNotFollow: { path: 'node_modules' },
      moduleSystems: ['es6'],
    },
    { extensions: ['.ts', '.js', '.json'], conditionNames: ['node', 'import', 'types'], exportsFields: ['exports'] },
    { tsConfig: extractTSConfig('tsconfig.json') },
  );
  const { modules, summary } = output as ICruiseResult;
  return {
    sources: modules.map(({ source }) => source).filter((source) => source.startsWith('src/')),
    brokenBy: ({ name }) =>
      summary.violations
        .filter(({ rule }) => rule.name === name)
        .map(({ from, to, cycle }) => [from, ...(cycle?.map((step) => step.name) ?? [to])].join(' → ')),
  };
}

/** The files that a rule is about. */
export function filesOf({ from }: Rule, sources: readonly string[]): string[] {
  const { path, pathNot } = from as { readonly path: string; readonly pathNot?: string };
  const excluded = pathNot === undefined ? null : new RegExp(pathNot);
  return sources.filter((source) => new RegExp(path).test(source) && excluded?.test(source) !== true);
}
