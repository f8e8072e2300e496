// How to send an event with the brand's write key, from a server or by hand.
import { CopyField } from "./CopyField";

export function Snippet({ writeKey }: { writeKey: string }) {
  const text = [
    `curl ${location.origin}/v1/track \\`,
    `  -u ${writeKey}: \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"userId": "42", "event": "Viewed Product",`,
    `       "context": {"traits": {"email": "ada@example.com"}},`,
    `       "properties": {"product_id": "linen-shirt"}}'`,
  ].join("\n");
  return <CopyField label="Segment-shaped; the Segment libraries work with this address, too" value={text} />;
}
