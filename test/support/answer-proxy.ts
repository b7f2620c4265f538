import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between a client and an HTTP server, and loses answers: the server acts, and the client never learns of it. */
export class AnswerProxy implements AsyncDisposable {
  readonly #target: URL;
  readonly #server: Server;
  #lost: { readonly text: string; left: number } = { text: '', left: 0 };

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  static async start(target: string): Promise<AnswerProxy> {
    const proxy = new AnswerProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** A text that names the proxy in place of the server. */
  rewritten(text: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return text.replaceAll(this.#target.host, `127.0.0.1:${port}`);
  }

  /** Drops the connection in place of the next answers to requests whose URL has the text. */
  loseAnswers(text: string, count: number): void {
    this.#lost = { text, left: count };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { host, hostname, port } = this.#target;
    const { method, url: path = '', rawHeaders } = incoming;
    // The signature of a request covers its path and headers, not the host.
    const headers = rawHeaders.map((text, at) => (rawHeaders[at - 1]?.toLowerCase() === 'host' ? host : text));
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      if (this.#lost.left > 0 && path.includes(this.#lost.text)) {
        this.#lost.left -= 1;
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  }
}
