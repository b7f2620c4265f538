import fc from 'fast-check';

/** A pattern as its tokens: what stands between them is chosen apart. */
type Tokens = readonly string[];

const constants = [
  "'198.51.100.7'",
  "'198.51.100.8'",
  "'198.51.100.0/24'",
  "'198.51.100.9/31'",
  "'2001:DB8::7'",
  "'2001:db8::/32'",
  "'::ffff:198.51.100.7'",
  "'198.51.100.7:443'",
  "'0.0.0.0/0'",
  "''",
  "'evil.example'",
  "'it\\'s \\\\ 見 [ AND ]'",
  '5',
  '-0',
  '+12',
  '.5',
  "h'00fF'",
  "b'QQ=='",
  'true',
  "t'2026-02-30T23:59:60.123456789Z'",
];

const types = ["'ipv4-addr'", "'IPv6-Addr'", "'domain-name'", '5'];

const times = [
  "t'2026-01-01T00:00:00Z'",
  "t'2026-03-02T12:00:00.000Z'",
  "t'2026-03-02T12:00:00.0005Z'",
  "t'2026-03-02T12:00:00.00050000000001Z'",
  "t'2026-04-01T00:00:00Z'",
  "t'2026-02-29T00:00:00Z'",
];

const addressPaths: readonly Tokens[] = [
  ['ipv4-addr', ':', 'value'],
  ['ipv6-addr', ':', "'value'"],
  ['IPv4-Addr', ':', 'Value'],
  ['network-traffic', ':', 'src_ref', '.', 'value'],
  ['network-traffic', ':', 'dst_ref', '.', "'value'"],
];

const otherPaths: readonly Tokens[] = [
  ['domain-name', ':', 'value'],
  ['network-traffic', ':', 'dst_port'],
  ['network-traffic', ':', "'src_ref.value'"],
  ['ipv4-addr', ':', 'value', '[', '*', ']'],
  ['file', ':', 'sections', '[', '-1', ']', '.', "'y-z'", '[', '2', ']'],
  ['x-vendor_type', ':', '_private'],
];

const typePaths: readonly Tokens[] = [
  ['network-traffic', ':', 'src_ref', '.', 'type'],
  ['network-traffic', ':', "'dst_ref'", '.', 'type'],
];

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...addressPaths) },
  { weight: 2, arbitrary: fc.constantFrom(...otherPaths) },
);
const constant = fc.constantFrom(...constants);
const not = fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant(['NOT']) });
const operator = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('=', '==') },
  { weight: 3, arbitrary: fc.constantFrom('ISSUBSET', 'ISSUPERSET', 'LIKE', 'MATCHES', '!=', '<>', '<', '>=') },
);

const setTest = fc.tuple(path, not, fc.array(constant, { maxLength: 3 })).map(([left, negation, members]): Tokens => {
  const listed = members.flatMap((member, at) => (at === 0 ? [member] : [',', member]));
  return [...left, ...negation, 'IN', '(', ...listed, ')'];
});

const typeTest = fc
  .tuple(fc.constantFrom(...typePaths), not, fc.constantFrom(...types))
  .map(([left, negation, right]): Tokens => [...left, ...negation, '=', right]);

/** As MISP writes addresses. */
const typedTest = fc
  .tuple(fc.constantFrom('src_ref', 'dst_ref'), fc.constantFrom(...types), operator, constant, fc.boolean())
  .map(([end, type, comparator, value, typeFirst]): Tokens => {
    const named = ['network-traffic', ':', end, '.', 'type', '=', type];
    const valued = ['network-traffic', ':', end, '.', 'value', comparator, value];
    return typeFirst ? [...named, 'AND', ...valued] : [...valued, 'AND', ...named];
  });

/** A type beside a choice of values, which may be of the same end or not. */
const typedChoice = fc
  .tuple(fc.constantFrom(...typePaths), fc.array(fc.tuple(path, constant), { minLength: 2, maxLength: 3 }))
  .map(([type, choices]): Tokens => {
    const listed = choices.flatMap(([left, value], at) => [...(at === 0 ? [] : ['OR']), ...left, '=', value]);
    return [...type, '=', "'ipv4-addr'", 'AND', '(', ...listed, ')'];
  });

const test = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(path, not, operator, constant)
      .map(([left, negation, comparator, right]): Tokens => [...left, ...negation, comparator, right]),
  },
  { weight: 2, arbitrary: setTest },
  { weight: 2, arbitrary: typeTest },
  { weight: 2, arbitrary: typedTest },
  { weight: 1, arbitrary: typedChoice },
  { weight: 1, arbitrary: fc.tuple(not, path).map(([negation, left]): Tokens => [...negation, 'EXISTS', ...left]) },
);

const qualifier = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...times), fc.constantFrom(...times))
      .map(([start, stop]): Tokens => ['START', start, 'STOP', stop]),
  },
  fc.constantFrom<Tokens>(['WITHIN', '60', 'SECONDS'], ['WITHIN', '.5', 'SECONDS']),
  fc.constantFrom<Tokens>(['REPEATS', '1', 'TIMES'], ['REPEATS', '+3', 'TIMES'], ['REPEATS', '0', 'TIMES']),
);

function joined(operands: fc.Arbitrary<Tokens>, ...operators: string[]): fc.Arbitrary<Tokens> {
  return fc.tuple(operands, fc.constantFrom(...operators), operands).map(([a, each, b]) => [...a, each, ...b]);
}

function enclosed(inner: fc.Arbitrary<Tokens>): fc.Arbitrary<Tokens> {
  return inner.map((tokens) => ['(', ...tokens, ')']);
}

const { pattern } = fc.letrec<{ comparison: Tokens; pattern: Tokens }>((tie) => ({
  comparison: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: test },
    { weight: 2, arbitrary: joined(tie('comparison'), 'OR', 'AND') },
    { weight: 1, arbitrary: enclosed(tie('comparison')) },
  ),
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 4, arbitrary: tie('comparison').map((tokens) => ['[', ...tokens, ']']) },
    { weight: 2, arbitrary: fc.tuple(tie('pattern'), qualifier).map(([tokens, after]) => [...tokens, ...after]) },
    { weight: 2, arbitrary: joined(tie('pattern'), 'OR', 'OR', 'AND', 'FOLLOWEDBY') },
    { weight: 1, arbitrary: enclosed(tie('pattern')) },
  ),
}));

const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constant(' ') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '\n', '\u0085', '\u00a0', '\f\v', '/* c */', '// c\r', '/*/*/', '\ufeff'),
  },
);

function written(tokens: Tokens): fc.Arbitrary<string> {
  return fc
    .array(gap, { minLength: tokens.length + 1, maxLength: tokens.length + 1 })
    .map((gaps) => tokens.reduce((text, token, at) => `${text}${token}${gaps[at + 1] ?? ''}`, gaps[0] ?? ''));
}

/** Patterns, of which some have a constant that their operator does not take or break a rule beyond the grammar. */
export const plainPattern: fc.Arbitrary<string> = pattern.map((tokens) => tokens.join(' '));

const strays = [
  ...constants,
  ...times,
  ..."[ ] ( ) : . , * + - / ^ ' = == != <> =! NOT AND OR FOLLOWEDBY IN EXISTS LAST START STOP WITHIN".split(' '),
  ...'REPEATS TIMES SECONDS true false value ipv4-addr a_1 01 1. 1.5.5 /* // */ \ufeff \u2060 \u0000 \ud800'.split(' '),
  "h'f'",
  "b'===='",
  "'*'",
  "'value'",
  "t'2026-13-01T00:00:00Z'",
];

const change = fc.record({
  at: fc.nat({ max: 60 }),
  kind: fc.constantFrom('drop', 'double', 'swap', 'replace', 'insert'),
  stray: fc.constantFrom(...strays),
});

function changed(tokens: Tokens, { at, kind, stray }: { at: number; kind: string; stray: string }): Tokens {
  const place = at % Math.max(1, tokens.length);
  const [before, here, after] = [tokens.slice(0, place), tokens.slice(place, place + 1), tokens.slice(place + 1)];
  switch (kind) {
    case 'drop':
      return [...before, ...after];
    case 'double':
      return [...before, ...here, ...tokens.slice(place)];
    case 'swap':
      return [...before, ...after.slice(0, 1), ...here, ...after.slice(1)];
    case 'replace':
      return [...before, stray, ...after];
    default:
      return [...before, stray, ...here, ...after];
  }
}

/** Patterns and, mostly, what is nearly one. */
export const nearlyPattern: fc.Arbitrary<string> = fc
  .tuple(pattern, fc.array(change, { maxLength: 2 }))
  .map(([tokens, changes]) => changes.reduce(changed, tokens))
  .chain(written);
