// A flow's definition and its steps, as flow files and the API write them. Types and kinds only.

import type { Tree } from "@/conditions/language";

/** A condition, or a filter on events, in the language of segments; its editors know it better. */
export type Condition = Tree;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Status = "draft" | "manual" | "live";
export type Span = { minutes?: number; hours?: number; days?: number; weeks?: number };
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** Something that happens: an event, which may have to pass a filter. */
export interface Occurrence {
  metric: string;
  where?: Condition;
}

export interface Email {
  id: string;
  email: string;
  template_id?: number | null;
  name?: string;
  smart_sending?: boolean;
  transactional?: boolean;
  filters?: Condition;
  utm?: Record<string, string> | null;
  status?: Status;
}

export interface Variation extends Email {
  share: number;
}

export interface Winner {
  by?: "clicks" | "opens" | "orders";
  certainty?: number;
  at_least?: number;
  after?: Span;
}

export interface AbTest {
  id: string;
  ab_test: Variation[];
  winner?: Winner | null;
}

/** A span, with or without a time of day; or a countdown to the expiry of a code, or to a date of the profile. */
export interface DelayFields extends Span {
  until?: string;
  weekdays?: Weekday[];
  timezone?: string;
  before?: Span;
  expiry_of?: string;
  date?: string;
}

export interface Delay {
  id: string;
  delay: DelayFields;
}

/** One way out of a branching: what it asks (nothing: a share of the people), and its steps. */
export interface Branch {
  name?: string;
  then?: Step[] | null;
  metric?: string;
  where?: Condition;
  if?: Condition;
  if_event?: Condition;
  share?: number;
}

export interface WaitFor {
  id: string;
  wait_for: Branch[];
  within: Span;
  else?: Step[] | null;
  count_past?: boolean;
  reset_on?: (Occurrence | string)[];
}

export interface Split {
  id: string;
  if: Condition;
  then?: Step[] | null;
  else?: Step[] | null;
}

export interface TriggerSplit {
  id: string;
  if_event: Condition;
  then?: Step[] | null;
  else?: Step[] | null;
}

export interface MultiSplit {
  id: string;
  split: Branch[];
  else?: Step[] | null;
}

export interface RandomSplit {
  id: string;
  random: Branch[];
}

export interface UpdateProfile {
  id: string;
  update_profile: { set?: Record<string, Json>; unset?: string[]; add_to?: Record<string, Json>; remove_from?: Record<string, Json> };
  status?: Status;
}

export interface AddToList {
  id: string;
  add_to_list: string | number;
  status?: Status;
}

export interface RemoveFromList {
  id: string;
  remove_from_list: string | number;
  status?: Status;
}

export interface IssueCoupon {
  id: string;
  coupon: string;
}

export interface Webhook {
  id: string;
  webhook: { url: string; headers?: Record<string, string>; body?: Json };
  status?: Status;
}

export interface Notify {
  id: string;
  notify: { to: string | string[]; subject: string; text?: string };
  status?: Status;
}

export interface BackInStock {
  id: string;
  back_in_stock: { minimum_stock?: number; people_per_unit?: number | null; every?: Span; give_up_after?: Span };
}

export interface Goal {
  id: string;
  goal: Condition;
  unmet?: "go_on" | "wait" | "leave";
}

export interface Exit {
  id: string;
  exit: Json;
}

export interface StepOf {
  email: Email;
  delay: Delay;
  wait_for: WaitFor;
  if: Split;
  if_event: TriggerSplit;
  split: MultiSplit;
  random: RandomSplit;
  ab_test: AbTest;
  update_profile: UpdateProfile;
  add_to_list: AddToList;
  remove_from_list: RemoveFromList;
  coupon: IssueCoupon;
  webhook: Webhook;
  notify: Notify;
  back_in_stock: BackInStock;
  goal: Goal;
  exit: Exit;
}

export type Kind = keyof StepOf;
export type Step = StepOf[Kind];

export const KINDS: readonly Kind[] = [
  "email", "delay", "wait_for", "if", "if_event", "split", "random", "ab_test", "update_profile", "add_to_list",
  "remove_from_list", "coupon", "webhook", "notify", "back_in_stock", "goal", "exit",
];

/** What a step is; undefined: nothing that is known here. */
export function kindOf(step: Step): Kind | undefined {
  return KINDS.find((kind) => kind in step);
}

export function is<K extends Kind>(step: Step, kind: K): step is StepOf[K] {
  return kindOf(step) === kind;
}

export interface Trigger {
  metric?: string;
  where?: Condition;
  list?: string | number;
  segment?: string | number;
  on?: "entered" | "left";
  stay?: boolean;
  date?: string;
  repeat?: "once" | "yearly" | "monthly";
  before?: Span;
  after?: Span;
  at?: string;
  timezone?: string;
  price_drop?: { percent?: number; amount?: number };
  low_stock?: { at_most: number };
  audience?: ("viewed" | "cart" | "checkout")[];
  within?: Span;
  api?: Record<string, never>;
  manual?: Record<string, never>;
}

export interface Entry {
  again?: "never" | "always" | { after: Span };
  key?: string;
  merge?: "ignore" | "restart" | "replace";
  holdout?: number;
}

export type ExitOn = Occurrence | string | { if: Condition };
export type Priority = "none" | "site" | "product" | "cart" | "checkout";

export interface SendWindow {
  weekdays?: Weekday[];
  from: string;
  to: string;
}

export interface Definition {
  flow: string;
  name?: string;
  description?: string;
  priority?: Priority;
  trigger: Trigger;
  profile_filters?: Condition;
  entry?: Entry;
  exit_on?: ExitOn[];
  coupons?: Record<string, Json>;
  send_window?: SendWindow;
  steps: Step[];
  tests?: Json;
}
