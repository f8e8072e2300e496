// The ready-made flows to start from, each as a picture of its steps.
import { Group, Select, SimpleGrid, Skeleton } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty, Failed } from "@/ui/states";

import { type Recipe, RecipeCard } from "./recipes/RecipeCard";
import { RecipeDrawer } from "./recipes/RecipeDrawer";

/** What people look for first comes first. */
const FIRST = ["welcome-series", "abandoned-checkout", "abandoned-cart", "browse-abandonment", "post-purchase", "winback"];

export function RecipesScreen() {
  const inBrand = useInBrand();
  const [{ q = "", use = "", recipe: open }, setAddress] = useAddress();
  const found = query.useQuery("get", "/api/v1/flows/recipes");
  const rows = found.data && sorted(found.data).filter((one) => matches(one, q) && (!use || (use === "used") === (one.installed !== null)));
  return (
    <>
      <PageHeader title="Recipes" description="Complete flows with their emails, timing and exits. Choose one, make it your own, publish it." trail={[{ label: "Flows", to: inBrand("/flows") }]} />
      <Group gap="sm" mb="md">
        <SearchField label="Search recipes" value={q} onChange={(value) => setAddress({ q: value })} />
        <Select aria-label="In use" placeholder="In use or not" w={170} clearable clearButtonProps={{ "aria-label": "In use or not" }} value={use || null} onChange={(value) => setAddress({ use: value ?? undefined })} data={[{ value: "used", label: "In use" }, { value: "unused", label: "Not in use yet" }]} />
      </Group>
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {rows?.length === 0 && <Empty icon={IconSparkles} title="No recipe like this">Try another word: cart, welcome, birthday, review.</Empty>}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} aria-busy={found.isPending || undefined}>
        {found.isPending && Array.from({ length: 6 }, (_, index) => <Skeleton key={index} height={380} radius="md" />)}
        {rows?.map((one) => <RecipeCard key={one.slug} recipe={one} onOpen={() => setAddress({ recipe: one.slug }, { push: true })} />)}
      </SimpleGrid>
      <RecipeDrawer recipe={found.data?.find((one) => one.slug === open)} onClose={() => setAddress({ recipe: undefined })} />
    </>
  );
}

function sorted(recipes: readonly Recipe[]): Recipe[] {
  const place = (slug: string) => (FIRST.includes(slug) ? FIRST.indexOf(slug) : FIRST.length);
  return recipes.toSorted((one, other) => place(one.slug) - place(other.slug) || one.name.localeCompare(other.name));
}

function matches(recipe: Recipe, q: string): boolean {
  const typed = q.trim().toLowerCase();
  return !typed || [recipe.name, recipe.description, recipe.trigger].some((text) => text.toLowerCase().includes(typed));
}
