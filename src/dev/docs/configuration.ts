import type { Option } from '../../config/option.ts';
import { options } from '../../config/options.ts';
import { code, markdownTable } from './markdown.ts';

const table: readonly Option<unknown>[] = Object.values(options);

function byGroup(): readonly (readonly [group: string, members: readonly Option<unknown>[]])[] {
  const groups = new Set(table.map(({ group }) => group));
  return [...groups].map((name) => [name, table.filter(({ group }) => group === name)]);
}

function defaultOf({ fallback }: Option<unknown>): string {
  if (fallback === undefined) return '–';
  // Long lists would widen every row of the table.
  return code(fallback.length > 60 ? `${fallback.slice(0, fallback.indexOf(','))}, …` : fallback);
}

function row(option: Option<unknown>): string[] {
  const { env, expected, description, secret } = option;
  return [code(env), expected, defaultOf(option), secret ? `${description} Secret: never logged.` : description];
}

/** deploy/reference/configuration.md: every option by group. */
export function configurationReference(): string {
  const sections = byGroup().map(
    ([group, members]) =>
      `## ${group}\n\n${markdownTable(['Variable', 'Value', 'Default', 'Meaning'], members.map(row))}`,
  );
  return `# Configuration

Tidewatch is configured by environment variables. Each can also be given as NAME_FILE, the path of a file that holds the value, for secrets that are mounted as files. All problems are reported together and end the process with exit code 78. A variable that looks like one of these and is none is an error in \`check\` and a warning in \`serve\`. env.example has every default in full.

${sections.join('\n\n')}
`;
}

/** deploy/reference/env.example: every option, commented out, with its default. */
export function environmentExample(): string {
  const sections = byGroup().map(([group, members]) => {
    const entries = members.map(
      ({ env, description, expected, fallback = '' }) =>
        `# ${description}\n# Value: ${expected}.\n#${env}=${fallback}\n`,
    );
    return `# ---- ${group} ----\n\n${entries.join('\n')}`;
  });
  return `# Every option of Tidewatch with its default. Remove the leading # to set one.\n\n${sections.join('\n')}`;
}
