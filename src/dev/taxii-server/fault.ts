import type { StoredVersion } from './collection-store.ts';

/** The resources of a TAXII server that a fault can be put on. */
export type TaxiiResource =
  | 'discovery'
  | 'api-root'
  | 'collections'
  | 'collection'
  | 'objects'
  | 'manifest'
  /** A POST of objects. */
  | 'addition'
  | 'status';

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
  /** Gives the first page again for every `next` or range. */
  | { readonly kind: 'repeat-page' }
  /** Gives a `next` that names a place which the server moves at every call, whether its answer arrives or not. */
  | { readonly kind: 'moving-next' }
  /** Gives objects that nobody added, without end. */
  | { readonly kind: 'endless' }
  /** Of TAXII 2.0; null leaves Content-Range out. */
  | { readonly kind: 'content-range'; readonly value: string | null }
  /** Sends objects as a STIX bundle, or all of them as a bare list. */
  | { readonly kind: 'shape'; readonly shape: 'bundle' | 'list' }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** Adds blanks to the body until it has this many bytes. */
  | { readonly kind: 'pad'; readonly bytes: number }
  | { readonly kind: 'body'; readonly text: string }
  /** Takes objects that were sent only after so many looks at their status. */
  | { readonly kind: 'pending'; readonly looks: number }
  /** Takes none of the objects that were sent, and says so in their status. */
  | { readonly kind: 'refuse-objects'; readonly message: string }
  /** Answers 206 in place of 200. */
  | { readonly kind: 'partial' };

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

/** A page of what the fault `endless` gives after a place. */
export function endlessVersions(after: number, count: number, newest: StoredVersion | undefined): StoredVersion[] {
  const { dateAdded = '2024-01-01T00:00:00.000000Z' } = newest ?? {};
  return Array.from({ length: count }, (_, index) => {
    const ordinal = after + index + 1;
    const id = `indicator--eeeeeeee-0000-4000-8000-${ordinal.toString(16).padStart(12, '0')}`;
    const version = '2024-01-01T00:00:00.000Z';
    const object = { type: 'indicator', id, created: version, modified: version, pattern: "[url:value = 'x']" };
    return { object, id, dateAdded, version, ordinal };
  });
}
