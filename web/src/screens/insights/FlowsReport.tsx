// What each flow sent and earned in a span.
import { Button } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";

import { EarningsReport } from "./EarningsReport";
import { ReportHeader } from "./ReportHeader";
import { useSpan } from "./useSpan";

export function FlowsReport() {
  const [span, setSpan] = useSpan();
  const inBrand = useInBrand();
  const found = query.useQuery("get", "/api/v1/reports/flows", { params: { query: span } }, { placeholderData: keepPreviousData });
  return (
    <>
      <ReportHeader title="Flows report" path="/api/v1/reports/flows" span={span} onSpan={setSpan} shown={found.data} />
      <EarningsReport
        kind="flows"
        report={found.data}
        stale={found.isPlaceholderData}
        loading={found.isPending}
        error={found.error}
        retry={() => void found.refetch()}
        empty={{
          icon: IconRoute,
          title: "No flow sent anything in these days",
          words: "Flows answer what people do: a welcome, a forgotten cart, a visit. Their numbers stand here once they send.",
          action: <Button component={Link} to={inBrand("/flows/recipes")}>Start from a recipe</Button>,
        }}
      />
    </>
  );
}
