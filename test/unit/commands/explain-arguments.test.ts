import { describe, expect, test } from 'vitest';
import { readExplainArguments } from '../../../src/commands/explain-arguments.ts';
import { serviceUrl } from '../../../src/commands/service-url.ts';

const nothing = { ip: null, feed: null, reason: null, url: null, json: false };

describe('readExplainArguments()', () => {
  test.each([
    [['--ip', '2001:db8::1'], { ip: '2001:db8::1' }],
    [['--ip=192.0.2.1', '--json', '--url=http://[::1]:80//'], { ip: '192.0.2.1', json: true, url: 'http://[::1]:80' }],
    [['--skipped'], {}],
    [['--reason', 'dst_ref', '--skipped', '--feed=a=b'], { reason: 'dst_ref', feed: 'a=b' }],
  ])('reads %j', (args, expected) => {
    expect(readExplainArguments(args)).toEqual({ ...nothing, ...expected });
  });

  test.each([
    [[], 'Cannot explain anything as neither --ip nor --skipped is given'],
    [['--ip'], 'Cannot use --ip as no value follows it'],
    [['--ip', '--json'], 'Cannot use --ip as no value follows it'],
    [['--ip', '192.0.2.1', '--ip', '192.0.2.2'], 'Cannot use --ip as it is given more than once: give it once'],
    [['--ip', '192.0.2.1', '--skipped'], 'Cannot use --ip with --skipped: use one of them'],
    [['--skipped', '--json=yes'], 'Cannot use --json with a value: current value is yes'],
    [['--skipped', '192.0.2.1'], 'Cannot use 192.0.2.1 as there is no such option'],
  ])('refuses %j', (args, problem) => {
    expect(readExplainArguments(args)).toEqual({ problems: [problem] });
  });
});

describe('serviceUrl()', () => {
  test.each([
    [{}, 'http://127.0.0.1:8080'],
    [{ HTTP_HOST: '', HTTP_PORT: '' }, 'http://127.0.0.1:8080'],
    [{ HTTP_HOST: '0.0.0.0', HTTP_PORT: '9000' }, 'http://127.0.0.1:9000'],
    [{ HTTP_HOST: '::' }, 'http://[::1]:8080'],
    [{ HTTP_HOST: 'tide.example' }, 'http://tide.example:8080'],
  ])('of %j is %s', (environment, url) => {
    expect(serviceUrl(environment)).toEqual({ url });
  });

  test.each(['0', 'many'])('cannot be told from the port %s', (HTTP_PORT) => {
    const problem = `Cannot tell the port of the service from HTTP_PORT: current value is ${HTTP_PORT}: use --url`;
    expect(serviceUrl({ HTTP_PORT })).toEqual({ problem });
  });
});
