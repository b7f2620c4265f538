/** The timestamp_t of OCSF, milliseconds since 1970, of ISO 8601; undefined for none and for what is no time. */
export function timestampOf(text: string | null): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
