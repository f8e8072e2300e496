// What every kind of condition is given to show itself.
export interface LeafProps<Node> {
  node: Node;
  onChange: (node: Node) => void;
  negated: boolean;
  /** Puts a "not" around it, or takes it away. */
  onTurn: () => void;
  /** Where it stands, as the API names it. */
  path: string;
}
