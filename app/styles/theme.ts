import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Petrol: calm, and dark enough for white text from shade 6. */
const petrol: MantineColorsTuple = [
  "#eaf4f9",
  "#d5e7f0",
  "#aacee0",
  "#7bb3d0",
  "#5aa0c4",
  "#2f7fa8",
  "#1d6d97",
  "#125b82",
  "#0c4a6c",
  "#073a57",
];

/** Greys of the dark scheme, a little blue, so that panels read as one family. */
const dark: MantineColorsTuple = [
  "#d3d8dd",
  "#b6bec6",
  "#98a3ad",
  "#6b7782",
  "#3a434c",
  "#2b333b",
  "#222930",
  "#171c21",
  "#12161a",
  "#0d1013",
];

/** The look: system fonts, small radii, tight sizes. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, dark },
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: {
    xs: "0.75rem",
    sm: "0.8438rem",
    md: "0.9375rem",
    lg: "1.0625rem",
    xl: "1.25rem",
  },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.5" },
  headings: {
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.625rem", lineHeight: "1.2" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    NativeSelect: { defaultProps: { size: "sm" } },
  },
});
