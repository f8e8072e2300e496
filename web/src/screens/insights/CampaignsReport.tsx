// What each campaign sent and earned in a span.
import { Button } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";

import { EarningsReport } from "./EarningsReport";
import { ReportHeader } from "./ReportHeader";
import { useSpan } from "./useSpan";

export function CampaignsReport() {
  const [span, setSpan] = useSpan();
  const inBrand = useInBrand();
  const found = query.useQuery("get", "/api/v1/reports/campaigns", { params: { query: span } }, { placeholderData: keepPreviousData });
  return (
    <>
      <ReportHeader title="Campaigns report" path="/api/v1/reports/campaigns" span={span} onSpan={setSpan} shown={found.data} />
      <EarningsReport
        kind="campaigns"
        report={found.data}
        stale={found.isPlaceholderData}
        loading={found.isPending}
        error={found.error}
        retry={() => void found.refetch()}
        empty={{
          icon: IconMail,
          title: "No campaign went out in these days",
          words: "Choose other days above, or send one.",
          action: <Button component={Link} to={inBrand("/campaigns/new")}>New campaign</Button>,
        }}
      />
    </>
  );
}
