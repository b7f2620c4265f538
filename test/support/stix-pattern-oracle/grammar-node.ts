/** A rule of the OASIS grammar as it was met in a pattern, or a token. */
export interface GrammarNode {
  /** Name of the rule or of the token type. */
  readonly name: string;
  /** Text of a token as written; "" for a rule. */
  readonly text: string;
  readonly children: readonly GrammarNode[];
}

/** Children with a name. */
export function childrenOf({ children }: GrammarNode, name: string): readonly GrammarNode[] {
  return children.filter((child) => child.name === name);
}

export function has(node: GrammarNode, name: string): boolean {
  return childrenOf(node, name).length > 0;
}

/** Every node below and with this one. */
export function* nodesOf(node: GrammarNode): Iterable<GrammarNode> {
  yield node;
  for (const child of node.children) yield* nodesOf(child);
}

/** The text of a quoted literal: between its quotes, escapes resolved. */
export function unquoted(text: string): string {
  return text.slice(text.indexOf("'") + 1, -1).replaceAll(/\\(.)/gs, '$1');
}
