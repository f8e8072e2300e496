// An email of a recipe as it would look before anything of it is changed: about a product of the brand, to nobody in
// particular.
import { Alert } from "@mantine/core";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { PreviewedEmail } from "@/screens/content/PreviewedEmail";
import { Failed } from "@/ui/states";

export function StarterPreview({ starter }: { starter: string }) {
  const content = query.useQuery("get", "/api/v1/content/starters/{slug}", { params: { path: { slug: starter } } }, { staleTime: Infinity });
  const products = query.useQuery("get", "/api/v1/products", { params: { query: { limit: 1 } } }, { staleTime: Infinity });
  const event = products.data ? about(products.data.data[0]) : {};
  const made = query.useQuery(
    "post",
    "/api/v1/templates/preview",
    { body: { content: content.data!, event, name: "", transactional: false } },
    { enabled: content.data !== undefined && !products.isPending, staleTime: Infinity, retry: false },
  );
  if (content.isError) return <Failed error={content.error} retry={() => void content.refetch()} />;
  if (made.isError) return <Failed error={made.error} retry={() => void made.refetch()} />;
  const shown = made.data?.preview;
  const wrong = made.data && !shown ? made.data.problems.find((one) => one.level === "error") : undefined;
  if (wrong) return <Alert color="yellow" title="No preview">{wrong.message}</Alert>;
  return <PreviewedEmail preview={shown ?? undefined} />;
}

type Product = components["schemas"]["ProductOut"];

/** What an event about a product holds; carts and orders have it among their items. */
function about(product: Product | undefined): Record<string, unknown> {
  if (!product) return {};
  const { id, title, price, url, image_url, category, brand } = product;
  const item = { product_id: id, title, price, url, image_url, category, brand, quantity: 1 };
  return { ...item, items: [item], $value: price, old_price: price === null ? null : Math.round(price * 125) / 100, checkout_url: url };
}
