// Makes a draft of a recipe, under another name if one of its name is there, and leads to the builder.
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { LoadingRows } from "@/ui/states";

import { freeSlug } from "../list/rows";
import type { Recipe } from "./RecipeCard";

export function UseRecipe({ recipe }: { recipe: Recipe }) {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const flows = query.useQuery("get", "/api/v1/flows", { params: { query: { archived: true } } });
  if (!mayChange) return <Text size="sm" c="dimmed">Marketers and admins can begin a flow from it.</Text>;
  if (!flows.data) return <LoadingRows rows={1} />;
  const slug = freeSlug(recipe.slug, flows.data.map((one) => one.slug));
  return (
    <Stack gap="xs">
      {recipe.installed && (
        <Text size="sm">
          The brand has this flow already, and it is {recipe.installed}. <Text span inherit component={Link} to={inBrand(`/flows/${recipe.slug}`)} c="var(--mantine-color-anchor)" td="underline">Open it</Text>, or begin another one.
        </Text>
      )}
      <Begin key={slug} recipe={recipe} slug={slug} />
    </Stack>
  );
}

function Begin({ recipe, slug }: { recipe: Recipe; slug: string }) {
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const client = useQueryClient();
  const another = slug !== recipe.slug;
  const [name, setName] = useState(another ? `${recipe.name} ${slug.slice(recipe.slug.length + 1)}` : recipe.name);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const begin = async () => {
    setBusy(true);
    setRefused("");
    try {
      await api.POST("/api/v1/flows/recipes/{recipe}/install", { params: { path: { recipe: recipe.slug } }, body: { publish: false, as: slug, name: name.trim() } });
      await Promise.all(["/api/v1/flows/recipes", "/api/v1/flows/table", "/api/v1/flows"].map((key) => client.invalidateQueries({ queryKey: ["get", key] })));
      await navigate({ to: inBrand(`/flows/${slug}`) });
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "The draft was not made.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Group align="flex-end" gap="sm">
        {another && <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={200} style={{ flex: 1 }} />}
        <Button onClick={() => void begin()} loading={busy} disabled={!name.trim()}>Use this recipe</Button>
      </Group>
      {refused && <Text size="sm" c="var(--mantine-color-red-light-color)" role="alert">{refused}</Text>}
      <Text size="xs" c="dimmed">It begins as a draft: nothing is sent until you publish it. Its emails become templates; its coupons, lists and segments are made if they are missing.</Text>
    </>
  );
}
