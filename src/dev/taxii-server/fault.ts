/** The resources of a TAXII server that a fault can be put on. */
export type TaxiiResource = 'discovery' | 'api-root' | 'collections' | 'collection' | 'objects' | 'manifest';

/** What goes wrong. Each is something real servers were seen to do. */
export type FaultKind =
  /** Answers with a status and headers, such as 429 with Retry-After. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Announces the whole body, sends half of it and cuts the connection. */
  | { readonly kind: 'truncate' }
  /** Sends half of the body as if it were all. */
  | { readonly kind: 'half-body' }
  /** Cuts the connection without an answer, after the page was taken. */
  | { readonly kind: 'disconnect' }
  /** Null sends no Content-Type. */
  | { readonly kind: 'content-type'; readonly value: string | null }
  /** Null leaves the X-TAXII-Date-Added headers out. */
  | { readonly kind: 'date-headers'; readonly value: string | null }
  /** Answers every `next` with 400, as after it expired. */
  | { readonly kind: 'expire-next' }
  /** Says `more` and gives no `next`. */
  | { readonly kind: 'omit-next' }
  /** Gives `next` and leaves `more` out. */
  | { readonly kind: 'omit-more' }
  | { readonly kind: 'always-more' }
  /** Gives the first page again for every `next`. */
  | { readonly kind: 'repeat-page' }
  /** Sends objects as a STIX bundle or a bare list. */
  | { readonly kind: 'shape'; readonly shape: 'bundle' | 'list' }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** Adds blanks to the body until it has this many bytes. */
  | { readonly kind: 'pad'; readonly bytes: number }
  | { readonly kind: 'body'; readonly text: string };

export type Fault = FaultKind & {
  /** Every resource when absent. */
  readonly on?: TaxiiResource;
  /** Requests it leaves alone first. */
  readonly skip?: number;
  /** Requests it then happens to; no end when absent. */
  readonly times?: number;
};

/** The faults a server was given, each with its count of requests. */
export class FaultPlan {
  #faults: { readonly fault: Fault; met: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, met: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The faults that happen to this request, which is counted. */
  take(resource: TaxiiResource): readonly Fault[] {
    return this.#faults.flatMap((planned) => {
      const { on, skip = 0, times = Number.POSITIVE_INFINITY } = planned.fault;
      if (on !== undefined && on !== resource) return [];
      planned.met += 1;
      return planned.met > skip && planned.met <= skip + times ? [planned.fault] : [];
    });
  }
}

/** The first fault of a kind. */
export function faultOf<Kind extends Fault['kind']>(
  faults: readonly Fault[],
  kind: Kind,
): Extract<Fault, { kind: Kind }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
}
