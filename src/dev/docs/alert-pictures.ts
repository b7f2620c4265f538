import { createHash } from 'node:crypto';
import { formatSlack } from '../../core/alert/preset/slack.ts';
import { formatTeams } from '../../core/alert/preset/teams.ts';
import { examplesFolder, incidentAlerts } from './alert-examples.ts';
import { slackDrawing, type SlackMessage } from './slack-drawing.ts';
import { teamsDrawing } from './teams-drawing.ts';

/** A picture of what a target shows of an alert, and the page that it is taken of. */
interface AlertPicture {
  /** Path under the repository. */
  readonly path: string;
  readonly page: string;
  /** What the page needs beside its own text. */
  readonly renderer: 'none' | 'adaptivecards';
}

interface TeamsMessage {
  readonly attachments: readonly { readonly content: object }[];
}

/** Where the digest of the page stands that each picture was taken of: a picture itself differs by machine. */
export const pictureDigestsPath = `${examplesFolder}/pictures.json`;

/** The pictures of the last update of the scripted incident, where the target shows one. */
export function alertPictures(): readonly AlertPicture[] {
  const [, alert] = incidentAlerts();
  if (alert === undefined) throw new RangeError('Cannot draw the incident as it has no update');
  const slack = JSON.parse(formatSlack(alert)) as SlackMessage;
  const teams = JSON.parse(formatTeams(alert)) as TeamsMessage;
  const [attachment] = teams.attachments;
  return [
    { path: `${examplesFolder}/slack.png`, page: slackDrawing(slack), renderer: 'none' },
    { path: `${examplesFolder}/teams.png`, page: teamsDrawing(attachment?.content ?? {}), renderer: 'adaptivecards' },
  ];
}

/** SHA-256 of the page of each picture, by its path. */
export function pictureDigests(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    alertPictures().map(({ path, page }) => [path, createHash('sha256').update(page).digest('hex')]),
  );
}
