import type { DeviceSlice } from "./state.ts";

export const initialDevice: DeviceSlice = {
  choice: "auto",
  report: null,
  speeds: null,
  calibrating: false,
  checking: false,
};
