import { describe, expect, it } from 'vitest';
import { Traffic } from '../../../../src/dev/traffic/traffic.ts';

/** Bytes of real records by category, as measured on published samples; Activity with full claims since 2021. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  SignInLogs: [3_798, 5_000],
  ServicePrincipalSignInLogs: [1_755, 3_019],
  NonInteractiveUserSignInLogs: [3_496, 5_644],
  ManagedIdentitySignInLogs: [1_763, 1_878],
  AuditLogs: [1_442, 2_500],
  MicrosoftGraphActivityLogs: [1_937, 2_401],
  Administrative: [2_500, 5_241],
  Policy: [2_500, 5_241],
  ResourceHealth: [434, 1_708],
  Autoscale: [434, 1_708],
  AuditEvent: [954, 1_642],
};

/** Cuts the records out of an envelope as text, to measure them as delivered. */
function recordTexts(body: Uint8Array): string[] {
  const text = Buffer.from(body).toString('utf8');
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let index = '{"records":['.length; index < text.length - 2; index++) {
    const letter = text[index];
    if (quoted) {
      if (letter === '\\') index++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '{' && depth++ === 0) start = index;
    else if (letter === '}' && --depth === 0) texts.push(text.slice(start, index + 1));
  }
  return texts;
}

describe('sizes of generated records', () => {
  const startMs = Date.UTC(2026, 2, 2, 9);
  const messages = new Traffic({ seed: 3, startMs, scale: 0.5, faults: { poison: 0 } }).next(
    startMs,
    startMs + 3_600_000,
  );
  const byCategory = new Map<string, number[]>();
  for (const text of messages.flatMap((message) => recordTexts(message.body))) {
    const { category } = JSON.parse(text) as { category?: string };
    const sizes = byCategory.get(category ?? '') ?? [];
    byCategory.set(category ?? '', [...sizes, Buffer.byteLength(text)]);
  }

  it.each(Object.entries(ranges))('%s lie within those of real ones', (category, [least, most]) => {
    const sizes = byCategory.get(category) ?? [];
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
  });

  it('Entra writes a blank after each colon of the top level and properties compactly; Resource Manager writes none', () => {
    const texts = messages.flatMap((message) => recordTexts(message.body));
    const signIn = texts.find((text) => text.includes('"SignInLogs"'));
    expect(signIn).toMatch(/^\{ "time": "[^"]+", "resourceId": /);
    expect(signIn).toMatch(/, "properties": \{"id":"/);
    const operation = texts.find((text) => text.includes('"Administrative"'));
    expect(operation).toBe(JSON.stringify(JSON.parse(operation!)));
  });
});
