// The campaign room's shapes, as the API describes them.
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Campaign = Schemas["CampaignOut"];
export type Row = Schemas["CampaignRow"];
export type Status = Campaign["status"];
export type Part = Campaign["included"][number];
export type Audience = Schemas["AudienceOut"];
export type AudiencePart = Schemas["AudiencePart"];
export type Review = Schemas["CampaignReview"];
export type Finding = Schemas["CampaignFinding"];
export type Progress = Schemas["CampaignProgressOut"];
export type Report = Schemas["CampaignReportOut"];
export type CalendarEntry = Schemas["CalendarEntry"];
export type Series = Schemas["SeriesOut"];

/** A list or a segment by one name, for choosers and keys: "list:7". */
export function keyOf(part: Part): string {
  return "list" in part ? `list:${part.list}` : `segment:${part.segment}`;
}

export function partOf(key: string): Part {
  const [kind, id] = key.split(":");
  return kind === "list" ? { list: Number(id) } : { segment: Number(id) };
}

/** Statuses in which it can still change by itself. */
export const MOVING: readonly Status[] = ["scheduled", "adding_recipients", "sending", "paused"];

/** Statuses in which it has begun to go out. */
export const GOING: readonly Status[] = ["adding_recipients", "sending", "paused"];
