// What each flow sent and earned in a span.
import { Button } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";

import { EarningsReport } from "./EarningsReport";

export function FlowsReport() {
  const inBrand = useInBrand();
  const action = <Button component={Link} to={inBrand("/flows/recipes")}>Start from a recipe</Button>;
  const words = "Flows answer what people do: a welcome, a forgotten cart, a visit. Their numbers stand here once they send.";
  return <EarningsReport kind="flows" empty={{ icon: IconRoute, title: "No flow sent anything in these days", words, action }} />;
}
