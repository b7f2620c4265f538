import { code, markdownTable } from './markdown.ts';

/** A silence as POST /silences wants it, and a file as SILENCES_PATH does; a test reads both as the service does. */
export const silenceExample = {
  ip: '203.0.113.0/24',
  caller: 'pentest@contoso.com',
  until: '2026-03-01T18:00:00Z',
  author: 'ann@contoso.com',
  reason: 'Penetration test 4711',
} as const;

export const silenceFileExample = [
  silenceExample,
  {
    caller: 'deployer@contoso.com',
    operations: ['Microsoft.Compute/*'],
    until: '2026-06-30T00:00:00Z',
    author: 'bob@contoso.com',
    reason: 'Runs from a shared exit node',
  },
] as const;

const members = [
  ['caller', 'a text', 'Callers by this name, without regard to case.'],
  ['ip', 'an address or a CIDR range', 'Callers from there.'],
  [
    'operations',
    'a list of at most 20 texts',
    'Findings all of whose operations are named, without regard to case; a `*` at the end stands for any that begin so. A finding with any other operation, or with more than its alert names, is not covered.',
  ],
  ['until', 'an instant in UTC', 'Required. At most 366 days from now; to be over already only a file may say.'],
  ['author', 'a name', 'Required. Who wants it.'],
  ['reason', 'a text', 'Required. Why.'],
];

const requests = [
  ['`POST /silences`', 'Adds one. 201 with the silence and its id, once the state that holds it is committed.'],
  ['`GET /silences`', 'Those in force, the first to end first; with `ended=true` also those that are over.'],
  ['`GET /silences/{id}`', 'One of them.'],
  ['`DELETE /silences/{id}?author=NAME`', 'Ends one of the API, once the state without it is committed.'],
  ['`GET /alerts?silenced=true`', 'Alerts that a silence covered.'],
];

const statuses = [
  ['400', 'What was sent cannot be used; `errors` names every member.'],
  ['403', 'The API listens off loopback, or the request is for another host than localhost.'],
  ['404', 'No silence of this id is in force, or known.'],
  ['409', 'The silence is one of SILENCES_PATH, or SILENCES_MAX are in force.'],
  ['413, 415', 'The body is longer than 16 KiB, or no `application/json`.'],
  [
    '503',
    'The process does not own the state, or the state cannot be kept. A silence that could not be kept is taken back.',
  ],
];

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

/** deploy/reference/silences.md: what a silence is, and how it is made. */
export function silencesReference(): string {
  return `# Silences

A silence says of which findings nobody wants to be told for a while. What it covers is judged, emitted and kept as ever: alerts have the same ids, counts and order. Only their member \`silenced\` names the silence, and sinks with \`silenced: skip\` ([sinks.md](sinks.md)) are not told of them.

${json(silenceExample)}

${markdownTable(
  ['Member', 'Value', 'Meaning'],
  members.map(([name = '', ...cells]) => [code(name), ...cells]),
)}

At least one of caller, ip and operations is needed, and all that are given must hold. What would cover every finding is refused. Of several silences that cover a finding its alerts name the one that lasts longest.

## What a sink that skips is told

- A create or update is silenced when a silence covers the finding at that moment.
- When a silence has ended, was deleted or no longer covers a finding that is open, and the last alert of the finding was silenced, the next flush emits an update, though nothing else is new: a sink that skips learns of the finding by it. Sinks that are sent everything get this update too.
- A close is silenced exactly when every alert of the finding since its last create was. So a sink that skips is told of the end of all it was told of, and of nothing else, whatever silences there are by then.
- The reminders of alertmanager leave out findings of which every alert since the last create was silenced. A finding that it was told of before goes on firing until its close.
- Alerts that a sink skips count in tidewatch_outbox_skipped_total, not as delivered, and never become dead letters. Sightings for feeds are reported as ever, since an indicator was met all the same.

## API

${markdownTable(['Request', 'Meaning'], requests)}

${markdownTable(['Status', 'When'], statuses)}

Without authentication only who can reach loopback may change anything: off loopback (HTTP_HOST) changes are refused, and silences come from the file. Silences of the API are part of the state: they outlast a restart and go over to a standby. At most SILENCES_MAX are in force; as many are kept for 30 days after their end.

## File

SILENCES_PATH names a file with a JSON list of at most 1000 silences, and of at most 1 MiB. It is looked at every five seconds, and taken into use whole: while anything in it is wrong, what was read before stays in force, and health warns. One that is over is left out. A silence of the file has an id that follows from its members, and ends when it leaves the file. \`tidewatch check\` reads the file too.

${json(silenceFileExample)}

## Audit

Each change is a line of the log, of level info with \`audit: true\`: silences created, deleted, expired, added by the file and removed from it, and changes refused, each with \`by\`, \`action\` and the silence or the reason. An end that comes with the end of the process may be told twice.
`;
}
