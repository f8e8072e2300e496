// How a public page will look in the brand's colour, by day.
import { Text } from "@mantine/core";

import { isColour, seenOnWhite, wordsOn } from "./readable";
import classes from "./settings.module.css";

/** Of a brand that chose none. */
const PLAIN = "#1d1c1a";

export function BrandPreview({ name, colour, logo }: { name: string; colour: string; logo: string }) {
  const shown = isColour(colour) ? seenOnWhite(colour) : PLAIN;
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" fw={500} mb={6}>Preview</Text>
      <div className={classes.preview}>
        {ownImage(logo) ? <img src={ownImage(logo)} alt={name} className={classes.previewLogo} /> : <Text fw={650}>{name || "Your brand"}</Text>}
        <Text size="sm" mt="xs">Stop emails from {name || "your brand"}?</Text>
        <span className={classes.previewButton} style={{ background: shown, color: wordsOn(shown) }}>Unsubscribe</span>
      </div>
    </figure>
  );
}

function ownImage(logo: string): string {
  if (logo.startsWith("/") && !logo.startsWith("//")) return logo;
  return logo.startsWith(`${location.origin}/`) ? logo : "";
}
