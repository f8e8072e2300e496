// A person's messages with the names that the timeline knows them by.
import type { components } from "@/api/schema";
import { words } from "@/ui/formats";

import type { Entry } from "./loading";

type Message = components["schemas"]["MessageOut"];

export interface Email {
  id: number;
  name: string;
  /** The flow or campaign that it comes from. */
  source: string;
  state: string;
  group: "sent" | "not" | "coming";
  /** Why it did not go, in words. */
  why: string | null;
  at: string;
  opened_at: string | null;
  clicked_at: string | null;
}

const SENT = ["sent", "delivered", "bounced", "complained"];
const COMING = ["planned", "claimed"];

export function joined(messages: Message[], told: Entry[]): Email[] {
  const entries = new Map(told.filter((one) => one.kind === "message" && one.message_id != null).map((one) => [one.message_id, one]));
  return messages.map((one) => {
    const entry = entries.get(one.id);
    const group = SENT.includes(one.state) ? "sent" : COMING.includes(one.state) ? "coming" : "not";
    const name = entry?.title.match(/“(.+)”/)?.[1] ?? one.step;
    const because = [one.reason_title, one.detail].filter(Boolean).join(": ");
    return {
      id: one.id,
      name,
      // A campaign's email has the campaign's name.
      source: entry?.flow && entry.flow !== name ? entry.flow : words(one.source),
      state: one.state,
      group,
      why: because || null,
      at: one.sent_at ?? one.finished_at ?? one.send_at,
      opened_at: one.opened_at,
      clicked_at: one.clicked_at,
    };
  });
}
