import type { Alert } from '../alert.ts';
import { type Fact, factsOf, headlineOf, joinWithin, notesOf } from './alert-facts.ts';
import { type AlertLink, shownLinks } from './alert-link.ts';
import { inertText } from './inert-text.ts';

/** https://docs.slack.dev/reference/block-kit/blocks/section-block: 3000 characters a text, 50 blocks a message. */
const textMax = 3000;
const valueMax = 180;
/** Of one fact; the facts of one block stay below `textMax` together. */
const factMax = 1200;

/**
 * Renders an alert as a message of Slack's incoming webhooks. What comes from outside stands as code, in which Slack
 * reads no markup, with &, < and > escaped, so that it can make no mention and no link. Links are ours, in a block of their own.
 */
export function formatSlack(alert: Alert): string {
  const headline = headlineOf(alert);
  const lines = [...notesOf(alert), ...factsOf(alert)].map(lineOf);
  return JSON.stringify({
    text: `${headline}: ${code(alert.caller)} from ${code(alert.ip)}`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: headline, emoji: false } },
      ...blocksOf(lines).map((text) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })),
      ...linkBlocksOf(shownLinks(alert.links)),
    ],
  });
}

/** Links stand in rich text, which knows no markup, where mrkdwn would have them between its own signs. */
function linkBlocksOf(links: readonly AlertLink[]): readonly object[] {
  if (links.length === 0) return [];
  const elements = links.flatMap(({ text, url }, index) => [
    ...(index === 0 ? [] : [{ type: 'text', text: ', ' }]),
    { type: 'link', url, text },
  ]);
  const label = { type: 'text', text: 'Links: ', style: { bold: true } };
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [label, ...elements] }] }];
}

function lineOf(fact: Fact): string {
  return `*${fact.label}:* ${joinWithin(fact, factMax, code)}`;
}

/** A value as inline code, which ends at a backtick or a line end. */
function code(value: string): string {
  const text = inertText(value, valueMax).replaceAll('`', "'") || ' ';
  return `\`${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\``;
}

/** Lines put together as far as a text takes them. */
function blocksOf(lines: readonly string[]): readonly string[] {
  const blocks: string[] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (last === undefined || last.length + 1 + line.length > textMax) blocks.push(line);
    else blocks[blocks.length - 1] = `${last}\n${line}`;
  }
  return blocks;
}
