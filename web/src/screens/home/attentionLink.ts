// Where a thing that needs attention is put right.
import type { Overview } from "./buckets";

type Kind = Overview["attention"][number]["kind"];

export function attentionLink(kind: Kind, target: string): string {
  const name = encodeURIComponent(target);
  switch (kind) {
    case "flow":
    case "flow_draft":
    case "webhooks":
      return `/flows/${name}`;
    case "flow_review":
      return `/flows/${name}/review`;
    case "campaign":
      return `/campaigns/${name}`;
    case "import":
      return `/imports/${name}`;
    case "senders":
      return "/settings/senders";
    case "brand":
      return "/settings/brand";
    case "events":
      return "/settings/data";
    case "deliverability":
      return "/insights/deliverability";
  }
}
