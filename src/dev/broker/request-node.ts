import rhea, { type EventContext, type Message, type Receiver, type Sender } from 'rhea';
import type { NodeMode } from './fault-state.ts';
import { answer, type Reply } from './request.ts';

/**
 * A request-response node (`$cbs`, `$management`) on one connection: finds the link a request wants its reply on, and
 * sends it there with the request's id as correlation id.
 */
export class RequestNode {
  readonly #replyLinks = new Map<string, Sender>();
  readonly #mode: () => NodeMode;
  readonly #handle: (request: Message) => Reply;

  constructor(mode: () => NodeMode, handle: (request: Message) => Reply) {
    this.#mode = mode;
    this.#handle = handle;
  }

  /** A link that replies may go to: known by its name and by its target address. */
  addReplyLink(sender: Sender): void {
    const target = sender.target as { readonly address?: unknown } | null;
    const keys = [sender.name, ...(typeof target?.address === 'string' ? [target.address] : [])];
    for (const key of keys) this.#replyLinks.set(key, sender);
    sender.on('sender_close', () => {
      for (const key of keys) if (this.#replyLinks.get(key) === sender) this.#replyLinks.delete(key);
    });
  }

  /** Takes requests from this link. */
  addRequestLink(receiver: Receiver): void {
    receiver.on('message', ({ message, delivery }: EventContext) => {
      delivery?.accept();
      const request = rhea.message.decode(message as unknown as Buffer) as unknown as Message;
      const mode = this.#mode();
      if (mode.kind === 'mute') return;
      this.#reply(request, mode.kind === 'fail' ? answer(mode.status, mode.error) : this.#handle(request));
    });
  }

  #reply(request: Message, reply: Reply): void {
    const link = this.#replyLinks.get(request.reply_to ?? '');
    if (link?.is_open() !== true) return;
    link.send({
      to: request.reply_to ?? '',
      ...(request.message_id === undefined ? {} : { correlation_id: request.message_id }),
      application_properties: { ...reply.properties },
      body: reply.body,
    });
  }
}
