import { useEffect, useRef } from "react";
import type { Experiment } from "#core/experiment/experiment.ts";
import { useActions, useApp } from "../../PageContext.tsx";
import { isRunActive } from "../../store/selectors.ts";

/** Pause after the last edit, so that typing a number does not start a calibration a digit. */
const QUIET_MS = 800;

/**
 * Measures the device when its speed for the experiment is unknown; once per design, so
 * that a device that fails is not asked again and again.
 */
export function useCalibration(): void {
  const experiment = useApp((state) => state.experiment);
  const needsSpeed = useApp(
    (state) =>
      state.cohort !== null &&
      state.reading === null &&
      state.device.report !== null &&
      state.device.speeds === null &&
      !state.device.calibrating &&
      !isRunActive(state),
  );
  const choice = useApp((state) => state.device.choice);
  const { calibrate } = useActions();
  const tried = useRef<{ experiment: Experiment; choice: string } | null>(null);
  useEffect(() => {
    const last = tried.current;
    if (!needsSpeed || (last?.experiment === experiment && last.choice === choice)) return;
    const timer = setTimeout(() => {
      tried.current = { experiment, choice };
      void calibrate();
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [needsSpeed, experiment, choice, calibrate]);
}
