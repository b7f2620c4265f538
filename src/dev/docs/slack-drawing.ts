/** A message of Slack's Block Kit, as far as ours go. */
export interface SlackMessage {
  readonly blocks: readonly SlackBlock[];
}

interface SlackBlock {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly elements: readonly RichElement[] }[];
}

interface RichElement {
  readonly type: string;
  readonly text?: string;
  readonly url?: string;
  readonly style?: { readonly bold?: boolean };
}

const style = `
body { margin: 0; padding: 16px 20px; width: 640px; background: #fff; color: #1d1c1d; font: 15px/1.46 'Open Sans', sans-serif; }
.who { font-weight: 700; }
.who span { background: #ddd; border-radius: 2px; font-size: 10px; padding: 1px 3px; margin-left: 4px; color: #616061; }
h1 { font-size: 18px; margin: 4px 0 8px; }
.block { margin: 6px 0; overflow-wrap: anywhere; }
code { font: 12px/1.5 monospace; color: #e01e5a; background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 0 3px; }
a { color: #1264a3; text-decoration: none; }
footer { color: #616061; font-size: 11px; margin-top: 12px; border-top: 1px solid #ddd; padding-top: 6px; }
`;

/**
 * A page that shows a message block by block, in the manner of Slack. Slack has no renderer outside of its programs, so
 * the picture says that it was drawn here.
 */
export function slackDrawing({ blocks }: SlackMessage): string {
  const footer = 'Drawn after the block structure of the message, not by Slack.';
  const head = '<div class="who">Tidewatch<span>APP</span></div>';
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>${head}${blocks.map(drawn).join('')}<footer>${footer}</footer>`;
}

function drawn({ type, text, elements = [] }: SlackBlock): string {
  if (type === 'header') return `<h1>${escaped(text?.text ?? '')}</h1>`;
  if (type === 'rich_text') {
    return `<div class="block">${elements.flatMap((section) => section.elements.map(drawnElement)).join('')}</div>`;
  }
  if (type !== 'section') throw new RangeError(`Cannot draw a block of type ${type}`);
  return `<div class="block">${(text?.text ?? '').split('\n').map(drawnMarkup).join('<br>')}</div>`;
}

/** What of mrkdwn our messages use: code and bold. Its text has &, < and > escaped already. */
function drawnMarkup(line: string): string {
  return line.replaceAll(/`([^`]+)`|\*([^*`]+)\*/g, (_, code?: string, bold?: string) =>
    code === undefined ? `<b>${bold ?? ''}</b>` : `<code>${code}</code>`,
  );
}

function drawnElement({ text = '', url, style: { bold = false } = {} }: RichElement): string {
  if (url !== undefined) return `<a href="${escaped(url)}">${escaped(text)}</a>`;
  return bold ? `<b>${escaped(text)}</b>` : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
