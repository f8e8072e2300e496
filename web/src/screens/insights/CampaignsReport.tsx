// What each campaign sent and earned in a span.
import { Button } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";

import { EarningsReport } from "./EarningsReport";

export function CampaignsReport() {
  const inBrand = useInBrand();
  const action = <Button component={Link} to={inBrand("/campaigns/new")}>New campaign</Button>;
  const words = "Choose other days above, or send one.";
  return <EarningsReport kind="campaigns" empty={{ icon: IconMail, title: "No campaign went out in these days", words, action }} />;
}
