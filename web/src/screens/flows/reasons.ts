// Why people leave flows, did not come in, or got no email: the server's codes in words.
import { words } from "@/ui/formats";

const LEFT: Record<string, string> = {
  exit_event: "Did what ends the flow",
  exit_condition: "Met an exit condition",
  exit_step: "Came to an exit",
  failed_profile_filter: "No longer passed the profile filters",
  goal_unmet: "Did not reach the goal",
  not_restocked: "The product did not come back",
  date_changed: "Their date changed",
  unsubscribed: "Unsubscribed",
  restarted: "Started anew",
  holdout_group: "Held out, to compare with",
  flow_archived: "The flow was archived",
  overdue: "Came due while paused",
  step_removed: "Their step was removed",
  removed: "Taken out by hand",
  profile_deleted: "The profile was deleted",
};

const REFUSED: Record<string, string> = {
  again: "Came in too short a time ago",
  no_address: "Has no email address",
  failed_profile_filter: "Does not pass the profile filters",
  exit_event: "Had done what ends the flow",
  exit_condition: "Had met an exit condition",
  profile_filters: "Does not pass the profile filters",
  exit_on: "Has met what ends the flow",
  trigger: "The event does not pass the trigger's filter",
};

const SKIPPED: Record<string, string> = {
  smart_sending: "Got another email recently (smart sending)",
  frequency_capped: "Over the frequency cap",
  failed_flow_filters: "Fails the flow's filters",
  failed_additional_filters: "Fails the email's own filters",
  failed_exit_condition: "Had met what ends the flow",
  not_in_audience: "No longer on the list or in the segment",
  missing_email: "No email address",
  not_consented: "Never subscribed",
  coupon_unavailable: "No coupon code left",
  catalog_item_unavailable: "The product is no longer sold",
  message_draft: "The email is a draft",
};

export const leftWords = (reason: string) => LEFT[reason] ?? SKIPPED[reason] ?? words(reason);
export const refusedWords = (reason: string) => REFUSED[reason] ?? LEFT[reason] ?? words(reason);
export const skippedWords = (reason: string) => SKIPPED[reason] ?? words(reason);
