import { describe, expect, test } from 'vitest';
import { readReplayArguments } from '../../../src/commands/replay-arguments.ts';

const needed = ['--records', 'a.json', '--indicators', 'b.json'];

describe('readReplayArguments()', () => {
  test('takes every option, paths up to the next one, values also behind =', () => {
    const line =
      '--records a b/*.json --records=c --indicators i --dead-letters d e --at=2026-03-02T12:00:00.250Z ' +
      '--semantics kql --format table --indicators-as-of --default-confidence 80';
    expect(readReplayArguments(line.split(' '))).toEqual({
      records: ['a', 'b/*.json', 'c'],
      indicators: ['i'],
      deadLetters: ['d', 'e'],
      at: Date.UTC(2026, 2, 2, 12, 0, 0, 250),
      semantics: 'kql',
      compare: false,
      format: 'table',
      asOf: true,
      defaultConfidence: 80,
    });
  });

  test('replays the repaired rule hour by hour as NDJSON unless told otherwise', () => {
    expect(readReplayArguments(needed)).toEqual({
      records: ['a.json'],
      indicators: ['b.json'],
      deadLetters: [],
      at: null,
      semantics: 'repaired',
      compare: false,
      format: 'ndjson',
      asOf: false,
      defaultConfidence: null,
    });
  });

  test('dead letters may stand in for records', () => {
    expect(readReplayArguments(['--dead-letters', 'd', '--indicators', 'i'])).not.toHaveProperty('problems');
  });

  test.each([
    [[], 'Cannot replay as --indicators is missing: name a STIX bundle'],
    [[], 'Cannot replay as --records is missing: name a file of records'],
    [['stray', ...needed], 'Cannot use stray as no option stands in front of it'],
    [[...needed, '--colour', 'red'], 'Cannot use --colour as there is no such option'],
    [['--records', '--indicators', 'i'], 'Cannot use --records as it names no path'],
    [
      [...needed, '--at', 'noon'],
      'Cannot use --at as it is not an instant such as 2026-03-02T12:00:00Z: current value is noon',
    ],
    [
      [...needed, '--at'],
      'Cannot use --at as it is not an instant such as 2026-03-02T12:00:00Z: current value is none',
    ],
    [[...needed, '--semantics', 'sql'], 'Cannot use --semantics as it is not repaired or kql: current value is sql'],
    [[...needed, '--format', 'csv'], 'Cannot use --format as it is not ndjson or table: current value is csv'],
    [
      [...needed, '--format', 'table', 'ndjson'],
      'Cannot use --format as it is not ndjson or table: current value is table ndjson',
    ],
    [
      [...needed, '--default-confidence', '101'],
      'Cannot use --default-confidence as it is not a whole number from 0 to 100: current value is 101',
    ],
    [[...needed, '--compare'], 'Cannot use --compare without --at'],
    [[...needed, '--compare', 'yes'], 'Cannot use --compare with a value: current value is yes'],
    [[...needed, '--semantics', 'kql'], 'Cannot use --semantics kql without --at'],
    [
      [...needed, '--at', '2026-03-02T12:00:00Z', '--compare', '--semantics', 'kql'],
      'Cannot use --compare with --semantics: it shows both',
    ],
  ])('%j: %s', (args, problem) => {
    const read = readReplayArguments(args);
    expect('problems' in read ? read.problems : []).toContain(problem);
  });
});
