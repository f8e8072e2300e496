// The language of conditions as its JSON is written: every kind, its parts, and the words it chooses from. docs/segments.md tells it whole.

/** What a condition is about: a segment's people, people inside a flow, or the properties of one event. */
export type Context = "segment" | "flow" | "event-filter";

/** A definition as the API takes it: a condition, a group, or a list that stands for all of them. */
export type Tree = Record<string, unknown> | unknown[];
export type Node = Record<string, unknown>;

export type Scalar = string | number | boolean;
/** A number that may still be missing while it is typed. */
export type Amount = number | null;

export const UNITS = ["minutes", "hours", "days", "weeks"] as const;
export type Unit = (typeof UNITS)[number];
export type Span = Partial<Record<Unit, Amount>>;

export const COMPARISONS = ["equals", "not_equals", "greater_than", "at_least", "less_than", "at_most"] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Compared = Partial<Record<Comparison, Amount>>;

export const WINDOWS = ["in_last", "since", "before", "between", "at_least_ago", "between_ago"] as const;
export interface Windowed {
  in_last?: Span;
  at_least_ago?: Span;
  between_ago?: [Span, Span];
  since?: string;
  before?: string;
  between?: [string, string];
}

/** One test of a property; exactly one operator beside `property`. */
export type PropertyTest = { property: string } & Node;
export type Filter = Node | unknown[];

export interface MetricCondition extends Windowed {
  metric: string;
  count?: Compared;
  sum?: Compared;
  where?: Filter | null;
}

export interface SequenceStep {
  metric: string;
  did?: boolean;
  within?: Span;
  order?: "after" | "before";
  where?: Filter | null;
}

export interface SequenceCondition extends Windowed {
  sequence: SequenceStep[];
}

export interface ListCondition extends Windowed {
  list: string | number;
}

export interface SegmentCondition extends Windowed {
  segment: string | number;
}

export const CONSENT_STATES = ["subscribed", "unsubscribed", "never_subscribed"] as const;
export interface ConsentCondition extends Windowed {
  consent: (typeof CONSENT_STATES)[number];
  method?: string | string[];
}

export const SUPPRESSION_REASONS = ["hard_bounce", "invalid_email", "spam_complaint", "unsubscribe", "user_suppressed"] as const;
export interface SuppressedCondition extends Windowed {
  suppressed: boolean | (typeof SUPPRESSION_REASONS)[number];
}

export interface CanReceiveCondition {
  can_receive: boolean;
}

export const REGIONS = ["european_union", "united_states", "united_kingdom", "canada", "australia_and_new_zealand"] as const;
export interface RegionCondition {
  region: (typeof REGIONS)[number];
}

export interface NearCondition {
  near: { latitude: Amount; longitude: Amount; km?: Amount; miles?: Amount };
}

export const COUPON_STATES = ["assigned", "valid", "redeemed", "expired"] as const;
export interface CouponCondition extends Windowed {
  coupon: string;
  state?: (typeof COUPON_STATES)[number];
  left_at_least?: Span;
}

export interface InFlowCondition extends Windowed {
  in_flow?: string;
  not_in_flow?: string;
}

export interface SampleCondition {
  sample: Amount;
  salt?: string | null;
}

/** How consent is decided, as Headwater records it; integrations may add their own words. */
export const CONSENT_METHODS = ["api", "app", "double_opt_in", "event", "flow", "form", "import", "list_import", "merge", "one_click_unsubscribe", "unsubscribe_page"];

/** How a text may be named when it is one of these. */
export const WORDS: Record<string, string> = {
  european_union: "the European Union",
  united_states: "the United States",
  united_kingdom: "the United Kingdom",
  canada: "Canada",
  australia_and_new_zealand: "Australia or New Zealand",
  user_suppressed: "suppressed by hand",
  hard_bounce: "a hard bounce",
  invalid_email: "an invalid address",
  spam_complaint: "a spam complaint",
  unsubscribe: "an unsubscribe",
};
