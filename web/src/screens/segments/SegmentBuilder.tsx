// Building a segment: its conditions on the left, who meets them on the right. Work survives a reload.
import { useParams } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import type { Tree } from "@/conditions";
import { LoadingPage } from "@/ui/states";

import { BuilderForm } from "./BuilderForm";
import { NoSegment } from "./NoSegment";

export function SegmentBuilder() {
  const { segment } = useParams({ strict: false });
  return segment ? <Existing id={Number(segment)} /> : <New />;
}

function Existing({ id }: { id: number }) {
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}", { params: { path: { segment_id: id } } });
  const retry = () => void found.refetch();
  if (found.isError) return <NoSegment error={found.error} retry={retry} />;
  if (!found.data) return <LoadingPage />;
  return <BuilderForm key={id} id={id} saved={{ name: found.data.name, definition: found.data.definition }} />;
}

/** From nothing, or from a ready-made one: /segments/new?from=vip. */
function New() {
  const [{ from }] = useAddress<{ from?: string }>();
  const shelf = query.useQuery("get", "/api/v1/segments/ready-made", {}, { enabled: from !== undefined, staleTime: Infinity });
  const retry = () => void shelf.refetch();
  if (from && shelf.isError) return <NoSegment error={shelf.error} retry={retry} />;
  if (from && !shelf.data) return <LoadingPage />;
  const base = shelf.data?.find((one) => one.slug === from);
  const definition: Tree = base?.definition ?? { all: [] };
  return <BuilderForm key={from ?? ""} base={from} saved={{ name: base?.name ?? "", definition }} />;
}
