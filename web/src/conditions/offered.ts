// What a name can be chosen from: the names that are known, in their groups, and one that is typed and not known yet.
// Each name and each group stands once, whatever a vocabulary holds. Pure.

export interface NameChoice {
  name: string;
  /** Beside it: how often it happened, what kind it is. */
  hint?: string;
  group?: string;
}

interface Item {
  value: string;
  label: string;
}

interface Group {
  group: string;
  items: Item[];
}

const NEW = "use:";

/** `typed`: what may be taken as a new name; "" where only known names may be chosen. */
export function offered(choices: readonly NameChoice[], value: string, typed: string): (Item | Group)[] {
  const known = new Map<string, NameChoice>();
  for (const one of choices) if (!known.has(one.name)) known.set(one.name, one);
  const loose: Item[] = value && !known.has(value) ? [item(value)] : [];
  const groups = new Map<string, Item[]>();
  for (const { name, group } of known.values()) {
    if (!group) loose.push(item(name));
    else groups.set(group, [...(groups.get(group) ?? []), item(name)]);
  }
  const fresh = typed && typed !== value && !known.has(typed) ? [{ value: `${NEW}${typed}`, label: `Use “${typed}”` }] : [];
  return [...loose, ...[...groups].map(([group, items]) => ({ group, items })), ...fresh];
}

/** The name that was chosen. */
export function chosenName(choices: readonly NameChoice[], value: string): string {
  return value.startsWith(NEW) && !choices.some((one) => one.name === value) ? value.slice(NEW.length) : value;
}

function item(name: string): Item {
  return { value: name, label: name };
}
