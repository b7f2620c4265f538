import type { Alert } from '../alert.ts';

/** Renders an alert as one document without line ends; null for an alert that has no document in the format. */
export type AlertFormat = (alert: Alert) => string | null;

/** A format, and the media type that its documents are sent under. */
export interface MediaFormat {
  readonly contentType: string;
  readonly render: AlertFormat;
}

/** The alert document itself, schemaVersion 1 (deploy/reference/alert.schema.json). */
export function formatNative(alert: Alert): string {
  return JSON.stringify(alert);
}

export const nativeFormat: MediaFormat = { contentType: 'application/json', render: formatNative };
