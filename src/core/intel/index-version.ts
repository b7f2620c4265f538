/** Names a build of the index. Totally ordered by `ordinal`; `digest` tells builds of equal content apart from others. */
export interface IndexVersion {
  readonly ordinal: number;
  readonly digest: string;
}

export function formatIndexVersion(version: IndexVersion): string {
  return `${version.ordinal}-${version.digest}`;
}
