import rhea, { type Message } from 'rhea';
import type { ClientConnection } from './client-connection.ts';
import { answer, text, type Reply } from './request.ts';
import { tokenProblem, type SharedAccessKey } from './sas-token.ts';
import { serviceError } from './service-error.ts';

/** What token checks need. */
export interface TokenRules {
  readonly keys: readonly SharedAccessKey[];
  readonly now: () => number;
  /** The wall clock in milliseconds, for token expiry; null leaves it unchecked (a fast clock cannot judge it). */
  readonly wallClock: (() => number) | null;
}

/** Takes a put-token request (`$cbs`): verifies the token and remembers its audience on the connection. */
export function putToken(request: Message, client: ClientConnection, rules: TokenRules): Reply {
  const properties = request.application_properties ?? {};
  const audience = text(properties['name']);
  const type = text(properties['type']);
  const tracker = audience;
  if (text(properties['operation']) !== 'put-token') {
    return answer(501, serviceError('amqp:not-implemented', 'The operation is not supported.', tracker, rules.now()));
  }
  if (type !== 'servicebus.windows.net:sastoken') {
    const problem = `InvalidToken: Tokens of type '${type}' are not accepted.`;
    return answer(401, serviceError('amqp:unauthorized-access', problem, tracker, rules.now()));
  }
  const nowSeconds = rules.wallClock === null ? null : rules.wallClock() / 1000;
  const problem = tokenProblem(text(request.body), audience, rules.keys, nowSeconds);
  if (problem !== null) return answer(401, serviceError('amqp:unauthorized-access', problem, tracker, rules.now()));
  client.authorise(audience);
  return {
    status: 202,
    properties: { 'status-code': rhea.types.wrap_int(202), 'status-description': 'Accepted' },
    body: undefined,
  };
}
