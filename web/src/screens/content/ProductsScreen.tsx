// The shop's products as emails and flows know them: to read; the shop writes them through the API.
import { Avatar, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconPackage, IconShoppingBag } from "@tabler/icons-react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { useBrand } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, money } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { isOurs } from "./foreign";
import { PART, useParts } from "./listing";
import { ProductDrawer } from "./ProductDrawer";

export type Product = components["schemas"]["ProductOut"];

export function ProductsScreen() {
  const { currency } = useBrand();
  const [{ q = "", show, product }, setAddress] = useAddress<{ q?: string; show?: string; page?: string; product?: string }>();
  const { cursor, paging } = useParts();
  const published = show === "published" ? true : show === "hidden" ? false : null;
  const { data, error, isFetching, refetch } = query.useQuery("get", "/api/v1/products", { params: { query: { q, published, cursor: cursor ?? "", limit: PART } } }, { placeholderData: (before) => before });
  return (
    <>
      <PageHeader title="Products" description="What the shop sells, as it tells Headwater. Emails show them by the event they are about, and in product feeds." />
      <DataTable
        label="Products"
        columns={columns(currency, (id) => setAddress({ product: id }))}
        rows={data?.data}
        rowKey={(one) => one.id}
        loading={isFetching}
        error={error}
        retry={() => void refetch()}
        paging={paging(data)}
        toolbar={
          <>
            <SearchField label="Search titles, ids and brands" value={q} onChange={(value) => setAddress({ q: value, page: undefined })} />
            <SegmentedControl size="xs" aria-label="Show" value={show ?? "all"} onChange={(one) => setAddress({ show: one === "all" ? undefined : one, page: undefined })} data={[{ value: "all", label: "All" }, { value: "published", label: "For sale" }, { value: "hidden", label: "Not for sale" }]} />
          </>
        }
        empty={
          q || show ? (
            <Empty icon={IconPackage} title="No product fits">Try fewer letters of its title, its id in the shop, or its brand.</Empty>
          ) : (
            <Empty icon={IconPackage} title="No products yet">The shop sends them: POST /api/v1/products, up to 5,000 at once, with a private key from Settings.</Empty>
          )
        }
      />
      <ProductDrawer id={product ?? null} currency={currency} onClose={() => setAddress({ product: undefined })} />
    </>
  );
}

function columns(currency: string, onOpen: (id: string) => void): Column<Product>[] {
  return [
    {
      key: "title",
      title: "Product",
      render: (one) => (
        <Group gap="sm" wrap="nowrap" maw={520}>
          <Picture product={one} />
          <Stack gap={0} miw={0}>
            <Text component="button" type="button" size="sm" fw={600} ta="left" lineClamp={1} onClick={() => onOpen(one.id)} style={{ background: "none", border: 0, padding: 0, cursor: "pointer", color: "inherit", overflowWrap: "anywhere" }}>{one.title}</Text>
            <Text size="xs" c="dimmed" truncate>{[one.brand, one.id].filter(Boolean).join(" · ")}</Text>
          </Stack>
        </Group>
      ),
    },
    { key: "category", title: "Category", wide: true, render: (one) => one.category ?? <Text span inherit c="dimmed">–</Text> },
    { key: "price", title: "Price", align: "right", render: (one) => (one.price === null ? "–" : money(one.price, currency)) },
    { key: "stock", title: "Stock", align: "right", wide: true, render: (one) => (one.stock === null ? <Text span inherit c="dimmed">Not counted</Text> : count(one.stock)) },
    { key: "state", title: "State", wide: true, render: (one) => <State product={one} /> },
    { key: "updated", title: "Changed", wide: true, render: (one) => <Moment at={one.updated_at} size="sm" /> },
  ];
}

/** Pictures of other hosts are not asked for by this page; readers of emails see them. */
function Picture({ product }: { product: Product }) {
  return <Avatar radius="sm" size={36} src={isOurs(product.image_url) ? product.image_url : null} alt=""><IconShoppingBag size={18} aria-hidden /></Avatar>;
}

export function State({ product }: { product: Product }) {
  if (!product.published) return <StatusBadge status="hidden" label="Not for sale" />;
  if (product.stock !== null && product.stock <= 0) return <StatusBadge status="held" label="Sold out" />;
  return <StatusBadge status="active" label="For sale" />;
}
