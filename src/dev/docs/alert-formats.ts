import { nativeFormat } from '../../core/alert/format/alert-format.ts';
import { cloudEventsFormat } from '../../core/alert/format/cloudevents.ts';
import { ecsFormat } from '../../core/alert/format/ecs.ts';
import type { Field, MappedField, MappedFormat } from '../../core/alert/format/mapping.ts';
import { ocsfFormat } from '../../core/alert/format/ocsf.ts';
import { code, markdownTable } from './markdown.ts';

interface Page {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly format: MappedFormat;
}

const pages: readonly Page[] = [
  {
    name: 'ocsf',
    title: 'OCSF 1.8 Detection Finding',
    text: 'Class 2004 with the profiles cloud and osint. `finding_info.uid` is the same from the create over its updates to the close; `metadata.uid` is another for each. Tests check the structure of the documents by the names, types and required attributes of the class; no validator of OCSF has read them.',
    format: ocsfFormat,
  },
  {
    name: 'ecs',
    title: 'Elastic Common Schema 9.0',
    text: 'What ECS has no field for stands under `tidewatch` in the words of the native document.',
    format: ecsFormat,
  },
  {
    name: 'cloudevents',
    title: 'CloudEvents 1.0',
    text: 'Structured mode, JSON, with the native document as its data.',
    format: cloudEventsFormat,
  },
];

function row({ target, source, rule }: MappedField, within = ''): string[] {
  return [code(`${within}${target}`), source.map(code).join(', ') || '–', rule];
}

/** A list stands with its rule, and its elements' fields follow. */
function rows(field: Field): string[][] {
  if (field.elements === undefined) return [row(field)];
  const within = `${field.target}[].`;
  return [
    row({ ...field, target: `${field.target}[]`, source: [] }),
    ...field.elements.map((each) => row(each, within)),
  ];
}

function section({ name, title, text, format }: Page): string {
  const left = format.notCarried.map(({ source, reason }) => [code(source), reason]);
  return [
    `## ${title}`,
    `\`"format": "${name}"\`, sent as ${code(format.contentType)}. ${text}`,
    markdownTable(['Field', 'From', 'How'], format.fields.flatMap(rows)),
    left.length === 0
      ? 'Every member of the native document is carried.'
      : `Not carried:\n\n${markdownTable(['Member', 'As'], left)}\n\nEvery other member is.`,
  ].join('\n\n');
}

/** deploy/reference/alert-formats.md: how the native document becomes each of the formats, field by field. */
export function alertFormatsReference(): string {
  return `# Formats of alerts

The member \`format\` of a sink chooses one of these; default is \`native\`. Every document is one line of JSON, and every format carries the id of the alert. "From" names members of the native document, \`*\` all of them. What is null, "" or an empty list there is left out.

## Native

\`"format": "native"\`, sent as ${code(nativeFormat.contentType)}: the alert document of schemaVersion 1, [alert.schema.json](alert.schema.json). Within one schemaVersion members and values of enumerations may be added; none is removed, changes its type or becomes optional.

${pages.map(section).join('\n\n')}
`;
}
