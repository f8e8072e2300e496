// A subject line as a card shows it: variables by their name, and of a choice what is said where all is known. Pure.

const CHOICE = /\{%-?\s*(?:if|unless|case)\b(?:(?!\{%-?\s*(?:if|unless|case)\b)[\s\S])*?\{%-?\s*end(?:if|unless|case)\s*-?%\}/;
const OTHERWISE = /\{%-?\s*(?:else|elsif|when)\b[\s\S]*$/;
const TAG = /\{%[\s\S]*?%\}/g;
const VARIABLE = /\{\{-?\s*([\w.[\]]+)[\s\S]*?\}\}/g;

/** "{% if first_name %}{{ first_name }}, {% endif %}thanks" as "‹first name›, thanks". */
export function subjectWords(subject: string): string {
  let said = subject;
  for (let found = CHOICE.exec(said); found; found = CHOICE.exec(said)) said = said.replace(found[0], () => firstOf(found[0]));
  return said.replace(TAG, "").replace(VARIABLE, (_, path: string) => `‹${named(path)}›`).replace(/\s+/g, " ").trim();
}

/** Of a choice without others in it: what stands before any "else". */
function firstOf(choice: string): string {
  const inside = choice.slice(choice.indexOf("%}") + 2, choice.lastIndexOf("{%"));
  return inside.replace(OTHERWISE, "");
}

function named(path: string): string {
  return path.split(".").at(-1)!.replace(/\[\d*\]/g, "").replaceAll("_", " ");
}
