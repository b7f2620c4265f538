const maxLoad = 0.6;

/** Parts that grow one by one: making room for a million ids then never takes longer than for a few thousand. */
const partBits = 8;

const firstSlots = 4;

/** The hash of an id; its upper bits choose the part, its lower ones the place in it. */
function hashOf(id: string): number {
  let hash = 0x41c6ce57;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x9e3779b1) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Hash, then number plus one; 0 there marks a free slot. */
interface Part {
  slots: Uint32Array;
  size: number;
}

/**
 * Numbers by the id of an indicator. The ids themselves lie elsewhere, where `isAt` looks for the rare one that only
 * shares its hash. A Map of as many texts would be copied whole, again and again, while it grows.
 */
export class IdTable {
  readonly #isAt: (number: number, id: string) => boolean;
  readonly #parts: (Part | undefined)[] = Array.from({ length: 2 ** partBits }, () => undefined);

  constructor(isAt: (number: number, id: string) => boolean) {
    this.#isAt = isAt;
  }

  /** The number of an id, -1 when it is not there. */
  get(id: string): number {
    const hash = hashOf(id);
    const part = this.#parts[hash >>> (32 - partBits)];
    if (part === undefined) return -1;
    const { slots } = part;
    const mask = slots.length / 2 - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = (slots[at * 2 + 1] ?? 0) - 1;
      if (number === -1 || (slots[at * 2] === hash && this.#isAt(number, id))) return number;
    }
  }

  /** Adds an id that is not there. */
  add(id: string, number: number): void {
    const hash = hashOf(id);
    const part = (this.#parts[hash >>> (32 - partBits)] ??= { slots: new Uint32Array(firstSlots * 2), size: 0 });
    if ((part.size + 1) * 2 > part.slots.length * maxLoad) part.slots = larger(part.slots);
    put(part.slots, hash, number + 1);
    part.size += 1;
  }
}

function larger(slots: Uint32Array): Uint32Array {
  const roomy = new Uint32Array(slots.length * 2);
  for (let at = 0; at < slots.length; at += 2) {
    const [hash = 0, mark = 0] = [slots[at], slots[at + 1]];
    if (mark !== 0) put(roomy, hash, mark);
  }
  return roomy;
}

function put(slots: Uint32Array, hash: number, mark: number): void {
  const mask = slots.length / 2 - 1;
  let at = hash & mask;
  while (slots[at * 2 + 1] !== 0) at = (at + 1) & mask;
  slots[at * 2] = hash;
  slots[at * 2 + 1] = mark;
}
