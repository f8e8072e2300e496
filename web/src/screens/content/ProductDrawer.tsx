// One product with all that emails can show of it.
import { Code, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { query } from "@/api/client";
import { FormDrawer } from "@/ui/FormDrawer";
import { count, money, words } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import { type Product, State } from "./ProductsScreen";

interface Props {
  id: string | null;
  currency: string;
  onClose: () => void;
}

export function ProductDrawer({ id, currency, onClose }: Props) {
  return (
    <FormDrawer opened={id !== null} onClose={onClose} title="Product">
      {id !== null && <Facts id={id} currency={currency} />}
    </FormDrawer>
  );
}

function Facts({ id, currency }: { id: string; currency: string }) {
  const { data: product, error } = query.useQuery("get", "/api/v1/products/{product_id}", { params: { path: { product_id: id } } }, { retry: false });
  if (error) return <Failed error={error} />;
  if (!product) return <LoadingRows rows={6} />;
  return (
    <Stack>
      <Text fw={650} fz="lg" style={{ overflowWrap: "anywhere" }}>{product.title}</Text>
      <div><State product={product} /></div>
      {product.description && <Text size="sm" c="dimmed" lineClamp={8}>{product.description}</Text>}
      <Table variant="vertical" layout="fixed" withTableBorder>
        <Table.Tbody>
          {facts(product, currency).map(([name, value]) => (
            <Table.Tr key={name}><Table.Th w={130}>{name}</Table.Th><Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">In an email: <Code>{"{{ item.title }}"}</Code>, where the event is about this product.</Text>
    </Stack>
  );
}

function facts(product: Product, currency: string): [string, ReactNode][] {
  const own = Object.entries(product.properties).map(([name, value]): [string, ReactNode] => [words(name), typeof value === "object" ? JSON.stringify(value) : String(value)]);
  return [
    ["Id in the shop", product.id],
    ["Price", product.price === null ? "–" : money(product.price, currency)],
    ["Stock", product.stock === null ? "Not counted" : count(product.stock)],
    ["Category", product.category ?? "–"],
    ["Brand", product.brand ?? "–"],
    ["Page", product.url ?? "–"],
    ["Picture", product.image_url ?? "–"],
    ["Changed", <Moment key="changed" at={product.updated_at} />],
    ...own,
  ];
}
