/**
 * Makes a text from outside (a caller's name, an operation, a description of a feed) harmless on a screen: one line
 * without control, format or direction characters, no URL that a program would turn into a link, at most `max` UTF-16
 * units. What was cut ends in an ellipsis.
 */
export function inertText(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('://', '[:]//')
    .trim();
  if (line.length <= max) return line;
  return `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Besides, no angle brackets, in which chat programs write mentions and links: for programs that send a text on. */
export function inertPlainText(text: string, max: number): string {
  return inertText(text, max).replaceAll('<', '‹').replaceAll('>', '›');
}
