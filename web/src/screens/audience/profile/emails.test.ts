import { expect, test } from "vitest";

import { joined } from "./emails";

const message = {
  id: 7, source: "campaign", source_id: 1, step: "email", profile_id: 2, state: "skipped", reason: "unsubscribed", reason_title: "They had unsubscribed", detail: null,
  planned_at: "2026-03-01T00:00:00Z", send_at: "2026-03-01T08:00:00Z", attempts: 0, address: null, sent_at: null, finished_at: "2026-03-01T08:01:00Z", opened_at: null, clicked_at: null, template_version_id: null,
};

test("a message is called as the timeline calls it, and says why it did not go", () => {
  const told = [{ at: message.send_at, kind: "message", title: "Did not send “Sale”", flow: "Spring", message_id: 7 }];
  expect(joined([message], told)).toEqual([{ id: 7, name: "Sale", source: "Spring", state: "skipped", group: "not", why: "They had unsubscribed", at: message.finished_at, opened_at: null, clicked_at: null }]);
});

test("a campaign's email names its kind, not its name again; one that nobody tells of has its step's", () => {
  const told = [{ at: message.send_at, kind: "message", title: "Sent “Sale”", flow: "Sale", message_id: 7 }];
  expect(joined([{ ...message, state: "sent" }], told)[0]).toMatchObject({ source: "Campaign", group: "sent" });
  expect(joined([{ ...message, state: "planned", reason_title: null }], [])[0]).toMatchObject({ name: "email", group: "coming", why: null });
});
