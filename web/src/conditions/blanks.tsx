// The conditions that can be added, each as it begins: what is to be chosen is still open.
import { type Icon, IconAdjustmentsHorizontal, IconBolt, IconBraces, IconBrandSpeedtest, IconCalendarEvent, IconListDetails, IconMailCheck, IconMailOff, IconMapPin, IconRoute, IconStairs, IconTag, IconTicket, IconUserCheck, IconUsersGroup, IconWorld } from "@tabler/icons-react";

import type { Context } from "./language";
import type { Kind } from "./reading";

export interface Blank {
  kind: Kind;
  label: string;
  make: () => unknown;
}

export const ICONS: Record<Kind, { icon: Icon; color: string }> = {
  metric: { icon: IconBolt, color: "water" },
  sequence: { icon: IconStairs, color: "water" },
  property: { icon: IconTag, color: "blue" },
  date: { icon: IconCalendarEvent, color: "blue" },
  list: { icon: IconListDetails, color: "orange" },
  segment: { icon: IconUsersGroup, color: "violet" },
  consent: { icon: IconUserCheck, color: "green" },
  suppressed: { icon: IconMailOff, color: "red" },
  can_receive: { icon: IconMailCheck, color: "green" },
  region: { icon: IconWorld, color: "blue" },
  near: { icon: IconMapPin, color: "blue" },
  coupon: { icon: IconTicket, color: "yellow" },
  in_flow: { icon: IconRoute, color: "violet" },
  sample: { icon: IconBrandSpeedtest, color: "gray" },
  json: { icon: IconBraces, color: "gray" },
};

export const FIRST: Blank[] = [
  { kind: "metric", label: "Event", make: () => ({ metric: "", count: { at_least: 1 }, in_last: { days: 30 } }) },
  { kind: "property", label: "Property", make: () => ({ property: "", equals: "" }) },
  { kind: "list", label: "List", make: () => ({ list: "" }) },
  { kind: "segment", label: "Segment", make: () => ({ segment: "" }) },
];

export const MORE: Blank[] = [
  { kind: "can_receive", label: "Can receive email", make: () => ({ can_receive: true }) },
  { kind: "consent", label: "Consent", make: () => ({ consent: "subscribed" }) },
  { kind: "suppressed", label: "Suppressed", make: () => ({ suppressed: false }) },
  { kind: "sequence", label: "Events step by step", make: () => ({ sequence: [{ metric: "" }, { metric: "", did: false, within: { days: 1 } }], in_last: { days: 30 } }) },
  { kind: "date", label: "A date, such as a birthday", make: () => ({ property: "", date: { anniversary: { in_next: { days: 7 } } } }) },
  { kind: "region", label: "Lives in a region", make: () => ({ region: "european_union" }) },
  { kind: "near", label: "Near a place", make: () => ({ near: { latitude: null, longitude: null, km: 50 } }) },
  { kind: "sample", label: "A random share", make: () => ({ sample: 50 }) },
];

export const OF_FLOWS: Blank[] = [
  { kind: "coupon", label: "Coupon code", make: () => ({ coupon: "any", state: "valid" }) },
  { kind: "in_flow", label: "Another flow", make: () => ({ not_in_flow: "", in_last: { days: 30 } }) },
];

export const TEST: Blank = { kind: "property", label: "Property", make: () => ({ property: "", equals: "" }) };

export function more(context: Context): Blank[] {
  return context === "flow" ? [...MORE, ...OF_FLOWS] : MORE;
}

export const MoreIcon = IconAdjustmentsHorizontal;
