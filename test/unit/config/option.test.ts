import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { baseUrl, choice, decimal, duration, integer, list, size, text } from '../../../src/config/option.ts';

const told = { env: 'OPTION', group: '', description: '' };

test('an option holds its declaration, and is secret only when that says so', () => {
  expect(text({ ...told, fallback: 'x' })).toMatchObject({ env: 'OPTION', fallback: 'x', secret: false });
  expect(text({ ...told, secret: true })).toMatchObject({ secret: true, fallback: undefined });
});

test('text() takes every text but the empty one', () => {
  expect(text(told).read('a b')).toBe('a b');
  expect(text(told).read('')).toBeUndefined();
});

test.each<[string, number | undefined]>([
  ['0', 0],
  ['007', 7],
  ['10', 10],
  ['11', undefined],
  ['-1', undefined],
  ['1.0', undefined],
  ['1e1', undefined],
  ['0x1', undefined],
  [' 1', undefined],
  ['', undefined],
])('integer() from 0 to 10 reads %j as %j', (given, value) => {
  expect(integer({ ...told, least: 0, most: 10 }).read(given)).toBe(value);
});

test('integer() reads back every whole number within its bounds', () => {
  const option = integer({ ...told, least: -1000, most: 1000 });
  fc.assert(fc.property(fc.integer({ min: -1000, max: 1000 }), (value) => option.read(String(value)) === value));
});

test.each<[string, number | undefined]>([
  ['1', 1],
  ['0.5', 0.5],
  ['120', 120],
  ['0.4', undefined],
  ['121', undefined],
  ['.5', undefined],
  ['1.', undefined],
  ['1e2', undefined],
  ['-1', undefined],
  ['NaN', undefined],
])('decimal() from 0.5 to 120 reads %j as %j', (given, value) => {
  expect(decimal({ ...told, least: 0.5, most: 120 }).read(given)).toBe(value);
});

test.each<[string, number | undefined]>([
  ['250ms', 250],
  ['30s', 30_000],
  ['15m', 900_000],
  ['1.5h', 5_400_000],
  ['365d', 31_536_000_000],
  ['0s', 0],
  ['30', undefined],
  ['30 s', undefined],
  ['-30s', undefined],
  ['1h30m', undefined],
  ['30S', undefined],
  ['30w', undefined],
  ['s', undefined],
])('duration() reads %j as %j milliseconds', (given, value) => {
  expect(duration(told).read(given)).toBe(value);
});

test.each<[string, number | undefined]>([
  ['1B', 1],
  ['64KiB', 65_536],
  ['512MiB', 536_870_912],
  ['2GiB', 2_147_483_648],
  ['512', undefined],
  ['512MB', undefined],
  ['0.5GiB', undefined],
  ['-1B', undefined],
])('size() reads %j as %j bytes', (given, value) => {
  expect(size(told).read(given)).toBe(value);
});

test('choice() takes its values as they are spelt and says which they are', () => {
  const option = choice({ ...told, values: ['on', 'off'] });
  expect(option.read('off')).toBe('off');
  expect(option.read('OFF')).toBeUndefined();
  expect(option.expected).toBe('one of on, off');
});

test.each<[string, readonly string[]]>([
  ['a', ['a']],
  [' a , b,,c ', ['a', 'b', 'c']],
  ['', []],
  [' , ', []],
])('list() reads %j as %j', (given, value) => {
  expect(list(told).read(given)).toEqual(value);
});

test.each<[string, string | undefined]>([
  ['https://tidewatch.example.com', 'https://tidewatch.example.com'],
  ['https://tidewatch.example.com/', 'https://tidewatch.example.com'],
  ['HTTPS://Tidewatch.Example.COM:8443/soc//', 'https://tidewatch.example.com:8443/soc'],
  ['http://[2001:db8::7]:8080', 'http://[2001:db8::7]:8080'],
  ['https://portal.azure.com/contoso.com', 'https://portal.azure.com/contoso.com'],
  ['tidewatch.example.com', undefined],
  ['ftp://tidewatch.example.com', undefined],
  ['javascript:alert(1)', undefined],
  ['https://', undefined],
  ['https://a b', undefined],
  ['https://a/?x=1', undefined],
  ['https://a/#x', undefined],
  ["https://a/'x')", undefined],
  [`https://a/${'x'.repeat(200)}`, undefined],
])('baseUrl() reads %j as %j', (given, value) => {
  expect(baseUrl(told).read(given)).toBe(value);
});

test('baseUrl() shows nothing of a URL with credentials', () => {
  const problems: string[] = [];
  expect(baseUrl(told).read('https://user:hunter2@host', problems)).toBeUndefined();
  expect(problems).toEqual([
    'Cannot use OPTION as it must hold no user name or password: current value has an @, as before the host',
  ]);
});
