import { SegmentedControl, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { Icon } from "./Icon.tsx";

const schemes = [
  { value: "light", name: "Light", icon: "sun" },
  { value: "dark", name: "Dark", icon: "moon" },
  { value: "auto", name: "System", icon: "system" },
] as const;

/** Light, dark, or as the system says. */
export function ColourSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={setColorScheme}
      data={schemes.map(({ value, name, icon }) => ({
        value,
        label: (
          <span title={name} style={{ display: "grid", placeItems: "center", fontSize: "1rem" }}>
            <Icon name={icon} />
            <VisuallyHidden>{name}</VisuallyHidden>
          </span>
        ),
      }))}
    />
  );
}
