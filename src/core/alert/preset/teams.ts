import type { Alert } from '../alert.ts';
import { type Fact, factsOf, headlineOf, joinWithin, notesOf } from './alert-facts.ts';
import { shownLinks } from './alert-link.ts';
import { inertText } from './inert-text.ts';

const valueMax = 160;
/** Of one fact: 25 of them, at three bytes a unit, stay below the 28 KB that Teams takes. */
const factMax = 280;

const colors = { High: 'attention', Medium: 'warning', Low: 'accent', Informational: 'default' } as const;

/**
 * Renders an alert as the message that a Teams workflow ("When a Teams webhook request is received") takes: one Adaptive
 * Card 1.4. What comes from outside stands in TextRun, which knows no markup, where TextBlock and FactSet know Markdown.
 */
export function formatTeams(alert: Alert): string {
  const title = {
    type: 'TextBlock',
    text: headlineOf(alert),
    size: 'medium',
    weight: 'bolder',
    wrap: true,
    color: alert.activity === 'close' ? 'good' : colors[alert.severity],
  };
  const actions = shownLinks(alert.links).map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [title, ...[...notesOf(alert), ...factsOf(alert)].map(lineOf)],
    ...(actions.length === 0 ? {} : { actions }),
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return JSON.stringify({ type: 'message', attachments: [attachment] });
}

function lineOf(fact: Fact): object {
  const value = joinWithin(fact, factMax, (text) => inertText(text, valueMax));
  return {
    type: 'RichTextBlock',
    spacing: 'small',
    inlines: [
      { type: 'TextRun', text: `${fact.label}: `, weight: 'bolder' },
      { type: 'TextRun', text: value },
    ],
  };
}
