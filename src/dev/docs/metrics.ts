import { type Definition, definitions, type LabelValues, matchRateExpression } from '../../telemetry/definitions.ts';
import { code, markdownTable } from './markdown.ts';

const table: readonly (readonly [string, Definition])[] = Object.entries(definitions);

function labelText(label: string, values: LabelValues): string {
  return 'each' in values ? `${code(label)}: ${values.each}` : `${code(label)}: ${values.map(code).join(', ')}`;
}

function section([name, { type, help, labels, buckets }]: readonly [string, Definition]): string {
  const lines = Object.entries(labels).map(([label, values]) => `- ${labelText(label, values)}`);
  if (buckets !== undefined) lines.push(`- buckets, in seconds: ${buckets.join(', ')}`);
  return [`## ${name}`, '', `${type[0]?.toUpperCase() ?? ''}${type.slice(1)}. ${help}`, '', ...lines].join('\n');
}

/** deploy/reference/metrics.md: every metric with its labels and their values. */
export function metricsReference(): string {
  const overview = table.map(([name, { type, labels }]) => [
    code(name),
    type,
    Object.keys(labels).map(code).join(', ') || '–',
  ]);
  return `# Metrics

\`GET /metrics\` answers in the text format of Prometheus. No label carries a caller or an address. The metrics of the process (\`process_*\`, \`nodejs_*\`) stand beside these.

The match rate, the share of looked-up addresses that an indicator matches, is one expression:

\`\`\`promql
${matchRateExpression}
\`\`\`

${markdownTable(['Metric', 'Type', 'Labels'], overview)}

${table.map(section).join('\n\n')}
`;
}
