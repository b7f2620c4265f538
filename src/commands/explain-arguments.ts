import { parseAddress } from '../core/address.ts';

export interface ExplainArguments {
  /** The address to explain, as written; null lists what is skipped. */
  readonly ip: string | null;
  readonly feed: string | null;
  readonly reason: string | null;
  /** Base URL of the service without a slash at its end; null for the one that the configuration names. */
  readonly url: string | null;
  readonly json: boolean;
}

const valueOptions = ['--ip', '--feed', '--reason', '--url'] as const;
const flagOptions = ['--skipped', '--json'] as const;
type Value = (typeof valueOptions)[number];
type Flag = (typeof flagOptions)[number];

function httpUrl(text: string): string | null {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  return isHttp ? text.replace(/\/+$/, '') : null;
}

/** The values and the flags given, each once. */
function given(args: readonly string[], problems: string[]): { values: Map<Value, string>; flags: Set<Flag> } {
  const values = new Map<Value, string>();
  const flags = new Set<Flag>();
  for (let at = 0; at < args.length; at += 1) {
    const [, text = '', inline] = /^([^=]*)(?:=(.*))?$/s.exec(args[at] ?? '') ?? [];
    const name = valueOptions.find((known) => known === text);
    const flag = flagOptions.find((known) => known === text);
    if (flag !== undefined && inline === undefined) flags.add(flag);
    else if (flag !== undefined) problems.push(`Cannot use ${text} with a value: current value is ${inline ?? ''}`);
    else if (name === undefined) problems.push(`Cannot use ${text} as there is no such option`);
    else {
      const next = args[at + 1];
      const value = inline ?? (next?.startsWith('--') === true ? undefined : next);
      if (inline === undefined && value !== undefined) at += 1;
      if (value === undefined) problems.push(`Cannot use ${name} as no value follows it`);
      else if (values.has(name)) problems.push(`Cannot use ${name} as it is given more than once: give it once`);
      else values.set(name, value);
    }
  }
  return { values, flags };
}

/** Reads the command line of `explain`, or tells all of its problems at once. */
export function readExplainArguments(
  args: readonly string[],
): ExplainArguments | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const { values, flags } = given(args, problems);
  const [ip, urlText] = [values.get('--ip'), values.get('--url')];
  const isSkipped = flags.has('--skipped');
  if (ip === undefined && !isSkipped && problems.length === 0)
    problems.push('Cannot explain anything as neither --ip nor --skipped is given');
  if (ip !== undefined && isSkipped) problems.push('Cannot use --ip with --skipped: use one of them');
  if (ip !== undefined && parseAddress(ip) === null)
    problems.push(`Cannot use --ip as it is not one IP address: current value is ${ip}`);
  for (const name of ['--feed', '--reason'] as const)
    if (values.has(name) && !isSkipped) problems.push(`Cannot use ${name} without --skipped`);
  const url = urlText === undefined ? null : httpUrl(urlText);
  if (urlText !== undefined && url === null)
    problems.push(`Cannot use --url as it is not an http or https URL: current value is ${urlText}`);
  if (problems.length > 0) return { problems };
  return {
    ip: ip ?? null,
    feed: values.get('--feed') ?? null,
    reason: values.get('--reason') ?? null,
    url,
    json: flags.has('--json'),
  };
}
