// Steps, branches and triggers in a few words, for their cards. What a condition asks is said by the server.
import { branchesOf, type Side } from "./branches";
import { type Condition, type DelayFields, is, type Json, type Span, type Step, type Trigger, type Weekday } from "./steps";

/** A question that the server puts into words. */
export interface Question {
  condition: Condition;
  context: "flow" | "event-filter";
}

export interface Words {
  title: string | Question;
  /** More about it, smaller. */
  line?: string | Question;
  /** Something is still to be chosen. */
  open?: boolean;
}

const UNITS = ["weeks", "days", "hours", "minutes"] as const;

/** "2 days 4 hours" */
export function span(given: Span | undefined): string {
  const parts = UNITS.filter((unit) => given?.[unit]).map((unit) => `${given![unit]} ${given![unit] === 1 ? unit.slice(0, -1) : unit}`);
  return parts.join(" ");
}

const DAYS: Record<Weekday, string> = { monday: "Mon", tuesday: "Tue", wednesday: "Wed", thursday: "Thu", friday: "Fri", saturday: "Sat", sunday: "Sun" };
const WORKING: Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday"];

export function weekdays(given: readonly Weekday[]): string {
  if (given.length === 5 && WORKING.every((day) => given.includes(day))) return "Mon–Fri";
  return given.map((day) => DAYS[day]).join(", ");
}

export function zone(timezone: string | undefined): string {
  return !timezone || timezone === "profile" ? "in their own time zone" : `in ${timezone}`;
}

function delayWords(delay: DelayFields): Words {
  if ("expiry_of" in delay) {
    const before = span(delay.before);
    return { title: `Until ${before || "…"} before their code expires`, line: delay.expiry_of || "No coupon chosen", open: !delay.expiry_of || !before };
  }
  if ("date" in delay) {
    const before = span(delay.before);
    const at = delay.until ? `At ${delay.until} ${zone(delay.timezone)}` : `When the day begins ${zone(delay.timezone)}`;
    return { title: `Until ${before ? `${before} before` : ""} ${delay.date || "a date"}`.replace("  ", " "), line: at, open: !delay.date };
  }
  const length = span(delay);
  const until = delay.until ? `until ${delay.until}` : "";
  const days = delay.weekdays?.length ? weekdays(delay.weekdays) : "";
  const title = [length && `Wait ${length}`, until].filter(Boolean).join(", ");
  const line = [days && `${days} only`, (until || days) && zone(delay.timezone)].filter(Boolean).join(", ");
  return { title: capital(title || (days ? `Wait for ${days}` : "Wait …")), line: capital(line) || undefined, open: !title && !days };
}

export function stepWords(step: Step): Words {
  if (is(step, "email")) return { title: step.name || step.email || "Choose an email", open: !step.email };
  if (is(step, "ab_test")) {
    const winner = step.winner ? `Until one wins by ${step.winner.by ?? "clicks"}` : "No winner is chosen";
    return { title: `${step.ab_test.length} emails`, line: winner, open: step.ab_test.some((one) => !one.email) };
  }
  if (is(step, "delay")) return delayWords(step.delay);
  if (is(step, "wait_for")) {
    const [first] = step.wait_for;
    const more = step.wait_for.length > 1 ? ` or ${step.wait_for.length - 1} more` : "";
    return { title: `Wait for ${first?.metric || (first?.if ? "a condition" : "…")}${more}`, line: `For up to ${span(step.within) || "…"}`, open: !span(step.within) || step.wait_for.some((branch) => branch.metric === "") };
  }
  if (is(step, "if")) return { title: { condition: step.if, context: "flow" } };
  if (is(step, "if_event")) return { title: { condition: step.if_event, context: "event-filter" }, open: Array.isArray(step.if_event) && step.if_event.length === 0 };
  if (is(step, "split")) return { title: "The first branch that fits", line: `${step.split.length + 1} branches` };
  if (is(step, "random")) return { title: step.random.map((branch) => `${branch.share} %`).join(" / "), line: "The same person always goes the same way" };
  if (is(step, "goal")) return { title: { condition: step.goal, context: "flow" }, line: UNMET[step.unmet ?? "go_on"] };
  if (is(step, "exit")) return { title: "Leaves the flow" };
  return dataWords(step);
}

export const UNMET = { go_on: "Others go on", wait: "Others wait here", leave: "Others leave" };

function dataWords(step: Step): Words {
  if (is(step, "update_profile")) {
    const { set = {}, unset = [], add_to = {}, remove_from = {} } = step.update_profile;
    const done = [
      ...Object.entries(set).map(([name, value]) => `Set ${name} to ${said(value)}`),
      ...unset.map((name) => `Clear ${name}`),
      ...Object.entries(add_to).map(([name, value]) => `Add ${said(value)} to ${name}`),
      ...Object.entries(remove_from).map(([name, value]) => `Take ${said(value)} out of ${name}`),
    ];
    return { title: done[0] ?? "Nothing to change yet", line: done.length > 1 ? `and ${done.length - 1} more` : undefined, open: done.length === 0 };
  }
  if (is(step, "add_to_list")) return { title: String(step.add_to_list || "Choose a list"), open: !step.add_to_list };
  if (is(step, "remove_from_list")) return { title: String(step.remove_from_list || "Choose a list"), open: !step.remove_from_list };
  if (is(step, "coupon")) return { title: step.coupon || "Choose a coupon", line: step.coupon ? "The code is issued here" : undefined, open: !step.coupon };
  if (is(step, "webhook")) return { title: step.webhook.url.replace(/^https?:\/\//, "") || "Where to is not set", open: !step.webhook.url };
  if (is(step, "notify")) {
    const to = [step.notify.to].flat();
    return { title: step.notify.subject || "No subject yet", line: to.length ? `To ${to.join(", ")}` : "To nobody yet", open: !to.length || !step.notify.subject };
  }
  if (is(step, "back_in_stock")) {
    const { minimum_stock = 1, give_up_after = { days: 180 } } = step.back_in_stock;
    return { title: `Wait for ${minimum_stock} in stock`, line: `For up to ${span(give_up_after)}` };
  }
  return { title: "A step of another kind", line: "Edit it in its flow file" };
}

/** A value as written: gold, today, cart.total of the event. */
export function said(value: Json): string {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return "event" in value ? `the event's ${String(value.event)}` : "today";
  return Array.isArray(value) ? value.join(", ") : value === "" ? "nothing" : String(value);
}

/** What a way out of a branching is called. */
export function wayWords(step: Step, side: Side): string | Question {
  if (side === "then") return "Yes";
  if (side === "else") return is(step, "wait_for") ? `After ${span(step.within) || "the time"}` : is(step, "split") ? "Everyone else" : "No";
  const branch = branchesOf(step)[Number(side.split(".")[1])];
  if (!branch) return "";
  if (branch.share !== undefined) return branch.name ? `${branch.name} · ${branch.share} %` : `${branch.share} %`;
  if (branch.name) return branch.name;
  if (branch.metric !== undefined) return branch.metric || "…";
  return branch.if ? { condition: branch.if, context: "flow" } : { condition: branch.if_event ?? [], context: "event-filter" };
}

const DID = { viewed: "looked at it", cart: "put it in the cart", checkout: "began to check out" };

export function triggerWords(trigger: Trigger): Words {
  if (trigger.metric !== undefined) return { title: trigger.metric || "Choose an event", line: trigger.where ? { condition: trigger.where, context: "event-filter" } : "Every time it happens", open: !trigger.metric };
  if (trigger.list !== undefined) return { title: `Joins ${trigger.list || "a list"}`, line: "List", open: !trigger.list };
  if (trigger.segment !== undefined) return { title: `${trigger.on === "left" ? "Leaves" : "Enters"} ${trigger.segment || "a segment"}`, line: "Segment", open: !trigger.segment };
  if (trigger.date !== undefined) {
    const when = trigger.before ? `${span(trigger.before)} before` : trigger.after ? `${span(trigger.after)} after` : "On";
    const again = { once: "", yearly: ", every year", monthly: ", every month" }[trigger.repeat ?? "once"];
    return { title: `${capital(when)} ${trigger.date || "a date"}${again}`, line: `At ${trigger.at ?? "00:00"} ${zone(trigger.timezone)}`, open: !trigger.date };
  }
  const shoppers = `For those who ${(trigger.audience ?? ["viewed", "checkout"]).map((one) => DID[one]).join(" or ")}`;
  if (trigger.price_drop) return { title: `Price drops by ${trigger.price_drop.percent !== undefined ? `${trigger.price_drop.percent} %` : (trigger.price_drop.amount ?? "…")} or more`, line: shoppers };
  if (trigger.low_stock) return { title: `Stock falls to ${trigger.low_stock.at_most}`, line: shoppers };
  if (trigger.api) return { title: "Started by the API", line: "Another system names the person" };
  return trigger.manual ? { title: "Started by hand", line: "People are added one by one, or as a segment" } : { title: "Choose a trigger", open: true };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
