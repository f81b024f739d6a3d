const paths = {
  check: "m4 10.5 4 4 8-9",
  warning: "M10 3 18 17H2zM10 8.5v4M10 14.8v.1",
  error: "M6.5 2h7L18 6.5v7L13.5 18h-7L2 13.5v-7zM7 7l6 6m0-6-6 6",
  info: "M10 2a8 8 0 1 0 .01 0zM10 9v5M10 6v.1",
  circle: "M10 4a6 6 0 1 0 .01 0z",
  lock: "M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3",
  folder: "M2.5 16V4.5h5l2 2h8V16z",
  stack: "m2.5 7 7.5-3.5L17.5 7 10 10.5zM2.5 10.2 10 13.7l7.5-3.5M2.5 13.4 10 16.9l7.5-3.5",
  sun: "M10 6.5a3.5 3.5 0 1 0 .01 0zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4",
  moon: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z",
  system: "M2.5 4h15v9.5h-15zM7 17h6M10 13.5V17",
} as const;

export type IconName = keyof typeof paths;

/** A line drawing; it stands beside words, so it is hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width="1em"
      height="1em"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
