// Ids of steps: people who wait and what was sent refer to them, so they never change once they are given.
import { emailsOf, everyStep } from "./branches";
import { type Definition, is, type Kind, kindOf, type Step } from "./steps";

type Unnamed = Record<string, unknown>;

/**
 * The steps with the ids that the server gives to those without one: an email's is its file's name, others are counted
 * by kind. Written down before anything is changed, for a count would shift with every step that comes between.
 */
export function named(steps: unknown): Step[] {
  const counts = new Map<string, number>();
  const name = (kind: string, node: Unnamed): Unnamed => {
    if (typeof node.id === "string") return node;
    const file = kind === "email" && typeof node.email === "string" ? slug(node.email.split("/").at(-1)!.replace(/\.mjml$/, "")) : "";
    if (file) return { id: file, ...node };
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return { id: `${kind.replaceAll("_", "-")}-${counts.get(kind)}`, ...node };
  };
  const list = (nodes: unknown): unknown => (Array.isArray(nodes) ? keep(nodes, nodes.map(one)) : nodes);
  const one = (given: unknown): unknown => {
    const raw = (given === "exit" ? { exit: {} } : given) as Unnamed;
    const kind = kindOf(raw as unknown as Step) ?? "step";
    let made = name(kind, raw);
    if (Array.isArray(made.ab_test)) made = put(made, "ab_test", keep(made.ab_test, made.ab_test.map((each: Unnamed) => name("email", each))));
    for (const several of ["wait_for", "split", "random"]) {
      const branches = made[several];
      if (Array.isArray(branches)) made = put(made, several, keep(branches, branches.map((branch: Unnamed) => ("then" in branch ? put(branch, "then", list(branch.then)) : branch))));
    }
    for (const side of ["then", "else"]) if (side in made) made = put(made, side, list(made[side]));
    return made;
  };
  return (list(steps) ?? []) as Step[];
}

/** The same object unless the value is another. */
function put(node: Unnamed, key: string, value: unknown): Unnamed {
  return node[key] === value ? node : { ...node, [key]: value };
}

function keep(before: unknown[], after: unknown[]): unknown[] {
  return after.every((one, at) => one === before[at]) ? before : after;
}

export function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
}

/** Every id of a definition, those of a test's emails too. */
export function taken(definition: Definition): Set<string> {
  const found = new Set<string>();
  for (const step of everyStep(definition.steps)) {
    found.add(step.id);
    if (is(step, "ab_test")) for (const email of emailsOf(step)) found.add(email.id);
  }
  return found;
}

/** An id that nothing has: "delay-2". */
export function freshId(wish: Kind | string, known: Set<string>): string {
  const stem = slug(wish).slice(0, 90) || "step";
  for (let count = 1; ; count += 1) {
    const id = `${stem}-${count}`;
    if (!known.has(id)) {
      known.add(id);
      return id;
    }
  }
}
