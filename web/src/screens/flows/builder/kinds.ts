// What each kind of step is called, how it looks, and in which group of the menu it stands.
import {
  type Icon, IconArrowBadgeRight, IconArrowsShuffle, IconArrowsSplit, IconBell, IconClock, IconDoorExit, IconEar, IconFlag, IconFlask, IconGitBranch, IconListCheck,
  IconMail, IconPackage, IconPlaylistAdd, IconPlaylistX, IconTicket, IconUserEdit, IconWebhook,
} from "@tabler/icons-react";

import type { Kind } from "./steps";

export interface Look {
  label: string;
  /** What it does, for the menu. */
  says: string;
  icon: Icon;
  /** A colour of the theme. */
  color: "blue" | "gray" | "orange" | "violet" | "water" | "red" | "green";
}

export const LOOKS: Record<Kind, Look> = {
  email: { label: "Email", says: "Send an email", icon: IconMail, color: "blue" },
  ab_test: { label: "A/B test", says: "Send one of several emails; the best one wins", icon: IconFlask, color: "violet" },
  notify: { label: "Notify the team", says: "Email your own team", icon: IconBell, color: "blue" },
  delay: { label: "Delay", says: "Wait a time, until an hour, or for a date", icon: IconClock, color: "gray" },
  wait_for: { label: "Wait for", says: "Wait until something happens, or time runs out", icon: IconEar, color: "gray" },
  back_in_stock: { label: "Back in stock", says: "Wait until the product can be bought again", icon: IconPackage, color: "gray" },
  if: { label: "Split", says: "Yes or no, by what is known of the person", icon: IconArrowsSplit, color: "orange" },
  if_event: { label: "Trigger split", says: "Yes or no, by the event that started the flow", icon: IconArrowBadgeRight, color: "orange" },
  split: { label: "Multi-way split", says: "The first of several branches that fits", icon: IconGitBranch, color: "orange" },
  random: { label: "Random split", says: "Fixed shares of all people", icon: IconArrowsShuffle, color: "orange" },
  goal: { label: "Goal", says: "Who reaches it skips what is above", icon: IconFlag, color: "green" },
  update_profile: { label: "Update profile", says: "Set, clear or add to properties", icon: IconUserEdit, color: "water" },
  add_to_list: { label: "Add to list", says: "Put the person on a list", icon: IconPlaylistAdd, color: "water" },
  remove_from_list: { label: "Remove from list", says: "Take the person off a list", icon: IconPlaylistX, color: "water" },
  coupon: { label: "Coupon", says: "Issue the person's code now", icon: IconTicket, color: "water" },
  webhook: { label: "Webhook", says: "Call another system", icon: IconWebhook, color: "water" },
  exit: { label: "Exit", says: "End the flow for the person", icon: IconDoorExit, color: "red" },
};

export const UNKNOWN: Look = { label: "Step", says: "", icon: IconListCheck, color: "gray" };

export const GROUPS: { title: string; kinds: Kind[] }[] = [
  { title: "Messages", kinds: ["email", "ab_test", "notify"] },
  { title: "Timing", kinds: ["delay", "wait_for", "back_in_stock"] },
  { title: "Logic", kinds: ["if", "if_event", "split", "random", "goal"] },
  { title: "Data", kinds: ["update_profile", "add_to_list", "remove_from_list", "coupon", "webhook"] },
  { title: "End", kinds: ["exit"] },
];
