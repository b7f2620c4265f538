import type { CloseReason, CorroborationGrade } from '../../core/alert/alert.ts';
import type { StixObject } from '../../core/intel/stix-object.ts';
import type { GeneratedMessage } from './message.ts';

/** Objects that a feed begins to hold at an instant; later steps add or replace. */
export interface IntelligenceStep {
  readonly atMs: number;
  readonly objects: readonly StixObject[];
}

/** What an analyst must see of one caller at one address once everything has arrived. */
export interface ExpectedFinding {
  readonly caller: string;
  /** Canonical text. */
  readonly ip: string;
  readonly grade: CorroborationGrade;
  /** Successful operations within the day. */
  readonly operations: number;
  readonly userSignIns: number;
  readonly servicePrincipalSignIns: number;
  /** Why the finding closes while its records are still in the window; absent when it stays open. */
  readonly closed?: CloseReason;
}

export type Expectation =
  | { readonly quiet: true; /** Addresses that must raise nothing. */ readonly addresses: readonly string[] }
  | { readonly quiet: false; readonly findings: readonly ExpectedFinding[] };

/** A story told in records and indicators, relative to the instant at which it begins. */
export interface Incident {
  readonly name: string;
  readonly story: string;
  /** From the first event to the last enqueued message or intelligence step. */
  readonly durationMs: number;
  readonly expectation: Expectation;
  /** In the order in which the messages are enqueued. */
  messages(startMs: number): readonly GeneratedMessage[];
  /** In order; the first step lies before the first event unless the story is about late intelligence. */
  intelligence(startMs: number): readonly IntelligenceStep[];
}

/** The objects that a feed holds at an instant, every version given so far, in the order of their arrival. */
export function intelligenceAt(incident: Incident, startMs: number, atMs: number): readonly StixObject[] {
  return incident
    .intelligence(startMs)
    .filter((step) => step.atMs <= atMs)
    .flatMap((step) => step.objects);
}
