import { isUndelivered } from '../core/alert/undelivered-letter.ts';
import { readSegment } from '../core/dead-letter-segment.ts';
import type { DeadLetterReason, DecodedMessage } from '../core/decode/decoded.ts';
import { decodeMessage } from '../core/decode/message.ts';
import { placeOf, type InputDocument, type InputParts, type InputProblem } from '../core/input-part.ts';
import type { DeadLetter } from '../core/ports.ts';
import type { AzureRecord, ReceivedRecord } from '../core/record.ts';
import { compareTime, earlier, eventTime, formatMs, later, type EventTime } from '../core/time.ts';
import type { ReplayNotes } from './replay-notes.ts';

export interface ReplayCounts {
  /** Raw records of any kind. */
  total: number;
  /** Records of the streams that the rule reads. */
  wanted: number;
  /** Wanted records whose address some indicator names. */
  named: number;
  unwanted: number;
  unknown: number;
  /** Wanted records without a readable time. */
  undated: number;
}

export interface ReplayRecords {
  /** The records to replay, in order of event time; of equal ones in the order read. */
  readonly records: readonly ReceivedRecord[];
  /** Least and greatest event time of all wanted records, also of those that nothing names; null when there are none. */
  readonly span: { readonly first: EventTime; readonly last: EventTime } | null;
  readonly counts: Readonly<ReplayCounts>;
}

const unreadable: Readonly<Record<DeadLetterReason, string>> = {
  invalid_json: 'it is no JSON',
  truncated: 'its end is missing',
  not_an_object: 'it is no JSON object',
  too_deep: 'it nests too deep',
};

const encoder = new TextEncoder();

/**
 * Reads the records of files as the service reads messages. A file knows no enqueued time: the event time takes its
 * place. A record without a readable time is taken at the time of the dated record before it in its file, at the start
 * of a file at that of the first one, and is named; where a file dates none, its records are refused.
 */
export class ReplayRecordReader {
  readonly #keeps: (record: AzureRecord, ms: number) => boolean;
  readonly #notes: ReplayNotes;
  readonly #records: ReceivedRecord[] = [];
  readonly #counts: ReplayCounts = { total: 0, wanted: 0, named: 0, unwanted: 0, unknown: 0, undated: 0 };
  #first: EventTime | null = null;
  #last: EventTime | null = null;
  #file = '';
  /** Time of the last dated record of the file. */
  #datedMs: number | null = null;
  /** Undated records that no dated one of their file came before. */
  #waiting: { readonly record: AzureRecord; readonly place: string }[] = [];

  /** @param keeps Whether a record can matter, so that the others are only counted. */
  constructor(keeps: (record: AzureRecord, ms: number) => boolean, notes: ReplayNotes) {
    this.#keeps = keeps;
    this.#notes = notes;
  }

  /** Reads message bodies and bare records. */
  async read(parts: InputParts): Promise<void> {
    await this.#eachDocument(parts, (document) => {
      this.#take(decodeMessage(document.body), placeOf(document), null);
    });
  }

  /** Reads dead letters, one a line, and decodes their texts again; an undated record counts at its enqueued time. */
  async readDeadLetters(parts: InputParts): Promise<void> {
    const decoder = new TextDecoder();
    await this.#eachDocument(parts, (document) => {
      const text = decoder.decode(document.body);
      const letters = readSegment(text);
      if (letters.length === 0) this.#notes.problem(`Cannot read ${placeOf(document)} as it is no dead letter`);
      for (const letter of letters) this.#takeLetter(letter, placeOf(document));
    });
  }

  result(): ReplayRecords {
    const timeOf = ({ record, enqueuedMs }: ReceivedRecord): EventTime => record.time ?? eventTime(enqueuedMs);
    const records = this.#records.sort((a, b) => compareTime(timeOf(a), timeOf(b)));
    const span = this.#first === null || this.#last === null ? null : { first: this.#first, last: this.#last };
    return { records, span, counts: this.#counts };
  }

  async #eachDocument(parts: InputParts, take: (document: InputDocument) => void): Promise<void> {
    for await (const batch of parts) {
      for (const part of batch) {
        if (part.file !== this.#file) this.#endFile();
        this.#file = part.file;
        if (part.kind === 'document') take(part);
        else this.#notes.problem(problemText(part));
      }
      this.#notes.progress(`${this.#file}: ${this.#counts.total} records read`);
    }
    this.#endFile();
  }

  #takeLetter(letter: DeadLetter, place: string): void {
    if (isUndelivered(letter)) {
      this.#notes.note(`Left out ${place}, which is an alert and no record`);
      return;
    }
    const enqueuedMs = Date.parse(letter.enqueuedAt);
    this.#take(decodeMessage(encoder.encode(letter.text)), place, Number.isNaN(enqueuedMs) ? null : enqueuedMs);
  }

  #take(decoded: DecodedMessage, place: string, enqueuedMs: number | null): void {
    this.#counts.total += decoded.total;
    this.#counts.unwanted += decoded.unwanted;
    this.#counts.unknown += decoded.unknown.length;
    for (const { index, reason } of decoded.deadLetters)
      this.#notes.problem(`Cannot read record ${index + 1} of ${place} as ${unreadable[reason]}`);
    if (decoded.noise > 0) {
      const what = decoded.noise === 1 ? 'a record' : `${decoded.noise} records`;
      this.#notes.problem(`Cannot read ${what} of ${place}: no JSON object, and no category that the rule reads`);
    }
    for (const record of decoded.records) this.#takeRecord(record, place, enqueuedMs);
  }

  #takeRecord(record: AzureRecord, place: string, enqueuedMs: number | null): void {
    this.#counts.wanted += 1;
    if (record.time !== null) {
      this.#datedMs = record.time.ms;
      for (const waiting of this.#waiting.splice(0)) this.#guess(waiting.record, waiting.place, record.time.ms);
      this.#keep(record, record.time.ms, place);
      return;
    }
    this.#counts.undated += 1;
    const ms = enqueuedMs ?? this.#datedMs;
    if (ms === null) this.#waiting.push({ record, place });
    else this.#guess(record, place, ms);
  }

  #guess(record: AzureRecord, place: string, ms: number): void {
    this.#notes.note(`Took record ${record.index + 1} of ${place}, which has no readable time, at ${formatMs(ms)}`);
    this.#keep(record, ms, place);
  }

  #keep(record: AzureRecord, ms: number, place: string): void {
    const time = record.time ?? eventTime(ms);
    this.#first = this.#first === null ? time : earlier(this.#first, time);
    this.#last = this.#last === null ? time : later(this.#last, time);
    if (!this.#keeps(record, ms)) return;
    this.#counts.named += 1;
    this.#records.push({ record, enqueuedMs: ms, place });
  }

  #endFile(): void {
    for (const { record, place } of this.#waiting.splice(0))
      this.#notes.problem(`Cannot date record ${record.index + 1} of ${place} as no record of its file has a time`);
    this.#datedMs = null;
  }
}

/** Message about what could not be opened or read on. */
export function problemText({ file, line, reason }: InputProblem): string {
  return line === null ? `Cannot read ${file}: ${reason}` : `Cannot read ${file} on from line ${line}: ${reason}`;
}
