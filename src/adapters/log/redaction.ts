const mark = '[secret]';

/** Shorter texts would be found everywhere and hide nothing. */
const shortestSecret = 4;

/** The forms in which a secret can stand in a line: as it is, in a URL, and in an HTTP header. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // By way of bytes, since half a surrogate pair cannot be encoded for a URL.
  return [secret, encodeURIComponent(bytes.toString()), bytes.toString('base64')];
}

/** Replaces secrets in JSON lines. Numbers and member names count as text here, so a line stays JSON. */
export class Redaction {
  readonly #forms: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = secrets.filter((secret) => secret.length >= shortestSecret).flatMap(formsOf);
    // Longest first: a secret that contains another one goes whole.
    this.#forms = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  #text(text: string): string {
    return this.#forms.reduce((line, form) => line.replaceAll(form, mark), text);
  }

  #value(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') {
      const text = String(value);
      const shown = this.#text(text);
      return shown === text ? value : shown;
    }
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.#text(name), this.#value(member)]));
  }

  /** The line without any secret, its line feed kept. */
  line(line: string): string {
    if (!this.#forms.some((form) => line.includes(form) || line.includes(JSON.stringify(form).slice(1, -1))))
      return line;
    return `${JSON.stringify(this.#value(JSON.parse(line)))}\n`;
  }
}
