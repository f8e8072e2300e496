// The look of the app: colours, type and the defaults of components. Contrast holds to WCAG AA in both schemes.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const water: MantineColorsTuple = [
  "#e9f7f6", "#d2ecea", "#a3d9d5", "#70c4be", "#49b1aa", "#2c9f98", "#138a83", "#0f766e", "#0c5f59", "#084640",
];
const night: MantineColorsTuple = [
  "#d5dbe1", "#b5bec8", "#8f9ba8", "#6b7785", "#48535f", "#333d48", "#27303a", "#1c232b", "#161c23", "#10151b",
];

export const theme = createTheme({
  primaryColor: "water",
  primaryShade: { light: 7, dark: 7 },
  colors: { water, dark: night },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Badge: { defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 600 } },
    // On one ground with Paper, in the dark too.
    Card: { defaultProps: { withBorder: true, radius: "md", padding: "lg", bg: "var(--mantine-color-body)" } },
    // The first item has the focus; the placeholder that would have it otherwise has no place in a menu.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { centered: true, radius: "md" } },
    Drawer: { defaultProps: { position: "right", size: "md", overlayProps: { backgroundOpacity: 0.25 } } },
    Select: { defaultProps: { comboboxProps: { shadow: "md" }, checkIconPosition: "right" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
    Table: { defaultProps: { verticalSpacing: "sm" } },
  },
});

// Mantine's dimmed text, placeholders and light badges are too pale for AA on our grounds.
export const variables: CSSVariablesResolver = () => ({
  variables: { "--hw-shadow": "0 1px 2px rgb(15 23 42 / 6%), 0 1px 3px rgb(15 23 42 / 8%)" },
  light: {
    "--mantine-color-dimmed": "#56616d",
    "--mantine-color-placeholder": "#66717d",
    "--mantine-color-anchor": "#0c6b64",
    "--mantine-color-error": "#c92a2a",
    "--mantine-color-red-text": "#c92a2a",
    "--mantine-color-orange-text": "#a34704",
    "--mantine-color-green-text": "#1f7a33",
    "--hw-ground": "#f6f8f9",
    "--hw-line": "#e3e8ec",
    "--mantine-color-green-light-color": "#1c6b2c",
    "--mantine-color-yellow-light-color": "#7a4d00",
    "--mantine-color-orange-light-color": "#8f3d04",
    "--mantine-color-red-light-color": "#b3212c",
    "--mantine-color-blue-light-color": "#1458a0",
    "--mantine-color-gray-light-color": "#424b55",
    "--mantine-color-water-light-color": "#0b5a54",
    "--mantine-color-violet-light-color": "#5a2fc0",
  },
  dark: {
    "--mantine-color-dimmed": "#a3aebb",
    "--mantine-color-placeholder": "#8e9aa8",
    "--mantine-color-anchor": "#70c4be",
    "--mantine-color-error": "#ff8787",
    "--hw-ground": "#10151b",
    "--hw-line": "#2a333d",
    "--mantine-color-green-light-color": "#8ce99a",
    "--mantine-color-yellow-light-color": "#ffe066",
    "--mantine-color-orange-light-color": "#ffb377",
    "--mantine-color-red-light-color": "#ffa3a3",
    "--mantine-color-blue-light-color": "#8ec9ff",
    "--mantine-color-gray-light": "#27303a",
    "--mantine-color-gray-light-hover": "#333d48",
    "--mantine-color-gray-light-color": "#c5ced8",
    "--mantine-color-water-light-color": "#8fd8d2",
    "--mantine-color-violet-light-color": "#c4b0ff",
  },
});
