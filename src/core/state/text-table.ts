import { ChunkedBytes } from './chunked-bytes.ts';
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter, type NumberedTexts } from './byte-writer.ts';

/** The texts of a cut, each once: they are written as they come, so that none is left to write at the end. */
export class TextTable implements NumberedTexts {
  /** By their numbers. Only ever longer. */
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #writer = new ByteWriter(0);
  readonly #written = new ChunkedBytes();

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.texts.length;
    this.texts.push(text);
    this.#numbers.set(text, number);
    this.#writer.singleText(text);
    this.#written.append(this.#writer.take());
    return number;
  }

  parts(): Uint8Array[] {
    return this.#written.parts();
  }
}

/** Reads as many texts as a table had. */
export function readTexts(reader: ByteReader): string[] {
  const texts: string[] = [];
  for (let left = reader.count(); left > 0; left -= 1) texts.push(reader.singleText());
  return texts;
}
