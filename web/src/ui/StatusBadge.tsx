// The state of a thing, the same word and colour everywhere.
import { Badge } from "@mantine/core";

import { words } from "./formats";

const COLORS: Record<string, string> = {
  live: "green", sent: "green", delivered: "green", subscribed: "green", done: "green", completed: "green", active: "green", accepted: "green",
  sending: "blue", adding_recipients: "blue", running: "blue", building: "blue", claimed: "blue", started: "blue",
  scheduled: "yellow", planned: "yellow", paused: "yellow", manual: "yellow", waiting: "yellow", pending: "yellow", held: "yellow",
  failed: "red", bounced: "red", complained: "red", unsubscribed: "red", suppressed: "red", error: "red", no_recipients: "red",
};

export function StatusBadge({ status, label }: { status: string; label?: string }) {
  return <Badge color={COLORS[status] ?? "gray"} style={{ flexShrink: 0, minWidth: "max-content" }}>{label ?? words(status)}</Badge>;
}
