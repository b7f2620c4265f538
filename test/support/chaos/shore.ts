import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as protocols from '../alert-protocols.ts';
import { AlertTarget, type TargetProtocol } from '../alert-target.ts';
import { IngestionServer } from '../ingestion-server.ts';
import { textsOfHub } from '../e2e/broker-log.ts';
import type { Sea } from './sea.ts';

/** The hub that alerts are sent to. */
export const alertsHub = 'alerts';
export const alertsPrefix = 'alerts/';

/** The sinks that a request reaches on a server of this process. */
export const askedSinks = ['sentinel', 'webhook', 'slack', 'teams', 'pagerduty', 'alertmanager'] as const;
export type AskedSink = (typeof askedSinks)[number];
/** Every type of sink but the file, whose content is held against the reference. */
export type ShoreSink = AskedSink | 'stdout' | 'event-hubs' | 'blob';

const key = Buffer.alloc(32, 7).toString('base64');
const protocolOf: Readonly<Record<Exclude<AskedSink, 'sentinel'>, TargetProtocol>> = {
  webhook: () => ({ status: 204 }),
  slack: protocols.slack,
  teams: protocols.teams,
  pagerduty: protocols.pagerduty,
  alertmanager: protocols.alertmanager,
};

/** Where alerts arrive: a receiver for each type of sink, all of which outlive the processes of the service. */
export class Shore {
  /** Is called when a sink is asked to take something, before it answers. */
  onRequest: (sink: AskedSink) => void = () => undefined;
  readonly #sea: Sea;
  readonly #targets: ReadonlyMap<AskedSink, AlertTarget>;
  readonly #ingestion: IngestionServer;
  readonly #tokens: Server;

  private constructor(
    sea: Sea,
    targets: ReadonlyMap<AskedSink, AlertTarget>,
    ingestion: IngestionServer,
    tokens: Server,
  ) {
    this.#sea = sea;
    this.#targets = targets;
    this.#ingestion = ingestion;
    this.#tokens = tokens;
    for (const [sink, target] of targets)
      target.trouble = () => {
        this.onRequest(sink);
        return null;
      };
    ingestion.accepts = () => {
      this.onRequest('sentinel');
      return true;
    };
  }

  static async start(sea: Sea): Promise<Shore> {
    const targets = new Map<AskedSink, AlertTarget>();
    for (const [sink, protocol] of Object.entries(protocolOf))
      targets.set(sink as AskedSink, await AlertTarget.start(protocol));
    return new Shore(sea, targets, await IngestionServer.start(), await startTokens());
  }

  /** What the service is told of the receivers, as elements of SINKS. */
  get sinks(): readonly object[] {
    const at = (sink: AskedSink, path: string): object => ({
      type: sink,
      url: `${this.#targets.get(sink)!.origin}${path}`,
      allowPrivate: true,
    });
    const { endpoint, ruleId } = this.#ingestion;
    return [
      { type: 'stdout' },
      { type: 'event-hubs', hub: alertsHub },
      { type: 'blob', prefix: alertsPrefix },
      { type: 'sentinel', endpoint, ruleId },
      { ...at('webhook', '/hook'), secrets: [`whsec_${key}`] },
      at('slack', protocols.slackPath),
      at('teams', protocols.teamsPath),
      { ...at('pagerduty', protocols.pagerdutyPath), routingKey: protocols.pagerdutyKey },
      { ...at('alertmanager', protocols.alertmanagerPath.replace('/api/v2/alerts', '')), remindEvery: '1h' },
    ];
  }

  /** How the identity of the process gets its tokens: from the endpoint that App Service gives to a managed identity. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.#tokens.address() as AddressInfo;
    return {
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`,
      IDENTITY_HEADER: 'header',
    };
  }

  /** Every document that a sink took, as often as it took it. `printed`: what the processes wrote to stdout. */
  async arrivals(printed: readonly string[]): Promise<ReadonlyMap<ShoreSink, readonly string[]>> {
    const bodies = (sink: AskedSink): string[] => this.#targets.get(sink)!.taken.map(({ body }) => body);
    return new Map<ShoreSink, readonly string[]>([
      ['stdout', printed],
      ['event-hubs', await textsOfHub(this.#sea.broker.connectionString, alertsHub)],
      ['blob', (await this.#sea.azurite.texts(alertsPrefix)).flatMap((text) => text.split('\n').slice(0, -1))],
      ['sentinel', this.#ingestion.rows.map((row) => JSON.stringify(row))],
      ['webhook', bodies('webhook')],
      ['slack', bodies('slack')],
      ['teams', bodies('teams')],
      ['pagerduty', bodies('pagerduty')],
      ['alertmanager', bodies('alertmanager')],
    ]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#targets.values()].map((target) => target.down()));
    await this.#ingestion[Symbol.asyncDispose]();
    this.#tokens.closeAllConnections();
    await new Promise((resolve) => this.#tokens.close(resolve));
  }
}

/** learn.microsoft.com/azure/app-service/overview-managed-identity: GET with the header answers a token. */
async function startTokens(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.headers['x-identity-header'] !== 'header') return void response.writeHead(401).end();
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const token = { access_token: 'good', expires_on: String(expires), resource: 'monitor', token_type: 'Bearer' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
