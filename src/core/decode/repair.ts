const quote = '"';

/** Embedded texts that may turn out to have no end: each one costs a look at the rest of the text. */
const embeddedAttempts = 8;

/**
 * Mends the ways in which Azure services write JSON that is none, in one pass:
 * - control characters inside strings, such as the raw line breaks of App Service logs (elastic/beats#34092);
 * - single-quoted strings, as in `"properties": {'appName':'x'}` (function apps);
 * - a JSON text put into a string without escapes, as in `"requestbody":"{"Id":"x"}"`, which the Activity log did
 *   (microsoft/AzureFunctionforSplunkVS#26).
 *
 * What else is wrong stays wrong: the caller parses the answer and sees.
 */
export function repair(text: string): string {
  const out: string[] = [];
  let attempts = embeddedAttempts;
  let at = 0;
  while (at < text.length) {
    const next = nextQuote(text, at);
    out.push(text.slice(at, next));
    if (next === text.length) break;
    if (attempts > 0 && startsEmbedded(text, next)) {
      const end = embeddedJsonEnd(text, next + 1);
      if (end !== -1) {
        out.push(JSON.stringify(text.slice(next + 1, end)));
        at = end + 1;
        continue;
      }
      attempts--;
    }
    at = text.startsWith(quote, next) ? doubleQuoted(text, next, out) : singleQuoted(text, next, out);
  }
  return out.join('');
}

/** Place of the next quote of either kind, the length of the text when there is none. */
function nextQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === quote || char === "'") return at;
  }
  return text.length;
}

/** Whether the string that opens here starts with the `{"` or `[{"` of JSON whose quotes were not escaped. */
function startsEmbedded(text: string, open: number): boolean {
  const brackets = text.startsWith('"{"', open) ? 2 : text.startsWith('"[{"', open) ? 3 : 0;
  return brackets > 0 && !closes(text, open + brackets);
}

/** Whether a quote here can end a string: what follows is punctuation of JSON, or nothing. */
function closes(text: string, at: number): boolean {
  let next = at + 1;
  while (next < text.length && /\s/.test(text.charAt(next))) next++;
  return next === text.length || ',:}]'.includes(text.charAt(next));
}

/** Place of the quote behind the JSON text that starts here, -1 when its brackets do not balance in front of one. */
function embeddedJsonEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return text.charAt(at + 1) === quote ? at + 1 : -1;
  }
  return -1;
}

/** Copies a double-quoted string and escapes its control characters; answers the place behind it. */
function doubleQuoted(text: string, open: number, out: string[]): number {
  let at = open + 1;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
  const end = Math.min(at + 1, text.length);
  out.push(text.slice(open, end).replace(controls, escaped));
  return end;
}

/** Copies a single-quoted string as a double-quoted one; answers the place behind it. */
function singleQuoted(text: string, open: number, out: string[]): number {
  let at = open + 1;
  while (at < text.length && !(text.charAt(at) === "'" && closes(text, at))) at += text.charAt(at) === '\\' ? 2 : 1;
  const content = text.slice(open + 1, at);
  out.push(quote, content.replace(/\\(.)|"/gs, requoted).replace(controls, escaped), quote);
  return at + 1;
}

/** Every character that a JSON string may not hold as it is. */
// eslint-disable-next-line no-control-regex -- control characters are what this finds
const controls = /[\u0000-\u001f]/g;

function escaped(control: string): string {
  return JSON.stringify(control).slice(1, -1);
}

/** What a JSON string writes for a quote, or for a backslash and the character it was meant to escape. */
function requoted(found: string, char: string | undefined): string {
  if (char === undefined) return '\\"';
  if (char === "'") return "'";
  return '"\\/bfnrtu'.includes(char) ? found : `\\\\${char}`;
}
