/** Spans of time in milliseconds, as stories tell them. */
export const minuteMs = 60_000;
export const dayMs = 86_400_000;
