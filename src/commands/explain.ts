import { formatAddress, parseAddress } from '../core/address.ts';
import type { IntelView, SkippedView } from '../pipeline/views.ts';
import { type ExplainArguments, readExplainArguments } from './explain-arguments.ts';
import { feedLines, intelLines, skippedLines } from './explain-report.ts';
import { printable } from './printable.ts';
import { serviceUrl } from './service-url.ts';
import { configurationExitCode, unavailableExitCode, usage, usageExitCode } from './usage.ts';

/** How long an answer is waited for. */
const patienceMs = 60_000;

/** Indicators asked for at a time, the most there may be. */
const pageSize = '1000';

/** A page as the API writes it: its cursor is a text. */
type SkippedPage = Omit<SkippedView, 'nextCursor'> & { readonly nextCursor: string | null };

/** The service did not answer, or not as one. */
class AnswerError extends Error {
  override readonly name = 'AnswerError';
  /** Whether what was asked is to blame. */
  readonly isRefusal: boolean;

  constructor(message: string, options: { readonly isRefusal: boolean; readonly cause?: unknown }) {
    super(message, options);
    this.isRefusal = options.isRefusal;
  }
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === '' && 'code' in inner ? String(inner.code) : inner.message;
}

async function ask<Answer>(url: string, path: string, query: Readonly<Record<string, string | null>>): Promise<Answer> {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null);
  const target = `${url}${path}?${new URLSearchParams(given).toString()}`;
  const fail = (text: string, isRefusal: boolean, cause?: unknown): AnswerError =>
    new AnswerError(`Cannot ask ${target}: ${text}`, { isRefusal, cause });
  const advice = 'is a service running there? name another one by --url';
  let status: number;
  let text: string;
  try {
    const response = await fetch(target, { signal: AbortSignal.timeout(patienceMs) });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    throw fail(`${reasonOf(cause)}: ${advice}`, false, cause);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw fail(`the answer (status ${status}) is no JSON: ${advice}`, false, cause);
  }
  if (status === 200) return body as Answer;
  const detail = (body as { readonly detail?: unknown } | null)?.detail;
  throw fail(`the answer is ${status}: ${typeof detail === 'string' ? detail : advice}`, status === 400);
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function printIntel(url: string, ip: string, json: boolean): Promise<void> {
  const view = await ask<IntelView>(url, '/intel', { ip });
  print(json ? [JSON.stringify(view)] : intelLines(view));
}

/** Prints every page. As JSON one indicator a line, else the counts of each feed before them. */
async function printSkipped(url: string, { feed, reason, json }: ExplainArguments): Promise<void> {
  let cursor: string | null = null;
  let isFirst = true;
  do {
    const page: SkippedPage = await ask(url, '/intel/skipped', { feed, reason, limit: pageSize, cursor });
    const { items } = page;
    if (json && items.length > 0) print(items.map((item) => JSON.stringify(item)));
    if (!json && isFirst)
      print([...feedLines(page.feeds.filter(({ source }) => feed === null || source === feed)), '']);
    if (!json && items.length > 0) print(skippedLines(items));
    isFirst = false;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** The address as the API takes it: without port, brackets or zone. */
function plainAddress(ip: string): string {
  const address = parseAddress(ip);
  return address === null ? ip : formatAddress(address);
}

/** Asks a running service why an address matches or not, or what it does not index. The exit code. */
export async function explain(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage('--help'));
    return 0;
  }
  const read = readExplainArguments(args);
  if ('problems' in read) {
    process.stderr.write(`${read.problems.map(printable).join('\n')}\n\n${usage('--help')}`);
    return usageExitCode;
  }
  const service = read.url === null ? serviceUrl(process.env) : { url: read.url };
  if ('problem' in service) {
    process.stderr.write(`${service.problem}\n`);
    return configurationExitCode;
  }
  try {
    if (read.ip === null) await printSkipped(service.url, read);
    else await printIntel(service.url, plainAddress(read.ip), read.json);
    return 0;
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    process.stderr.write(`${printable(error.message)}\n`);
    return error.isRefusal ? usageExitCode : unavailableExitCode;
  }
}
