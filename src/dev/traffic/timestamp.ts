/** Instants as Azure writes them: seven fraction digits, the tick of 100 ns. */

/** `2026-08-12T15:11:47.5329521Z`, the form of `time`. */
export function utcTime(ms: number, ticks: number): string {
  return `${digits(ms, ticks)}Z`;
}

/** `2026-08-12T15:11:47.5329521+00:00`, the form of Entra's createdDateTime. */
export function offsetTime(ms: number, ticks: number): string {
  return `${digits(ms, ticks)}+00:00`;
}

function digits(ms: number, ticks: number): string {
  return new Date(ms).toISOString().slice(0, -1) + String(ticks).padStart(4, '0');
}
