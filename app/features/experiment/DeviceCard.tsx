import { Button, CopyButton, Group, Radio } from "@mantine/core";
import type { DeviceChoice, DeviceOption } from "#core/experiment/device.ts";
import { type NetworkName, networkLabels } from "#core/experiment/methods.ts";
import type { DeviceSpeed } from "#core/results/progress.ts";
import type { DeviceSlice } from "../../store/state.ts";
import { Facts } from "../../ui/Facts.tsx";
import { formatBytes, formatSeconds } from "../../ui/format.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Status } from "../../ui/Status.tsx";
import { Term } from "../../ui/Term.tsx";

interface DeviceCardProps {
  readonly device: DeviceSlice;
  readonly disabled: boolean;
  /** Why a calibration cannot start; null when it can. */
  readonly cannotMeasure: string | null;
  readonly onChoose: (choice: DeviceChoice) => void;
  readonly onMeasure: () => void;
}

const backendNames = { webgpu: "WebGPU", cpu: "CPU" } as const;

/** Which device trains, why, how fast it is, and the choice of another. */
export function DeviceCard(props: DeviceCardProps) {
  const { device, disabled, cannotMeasure, onChoose, onMeasure } = props;
  const { choice, report, calibrating } = device;
  return (
    <Panel
      title="Device"
      aside={
        <Button
          size="compact-sm"
          variant="default"
          loading={calibrating}
          disabled={disabled || cannotMeasure !== null}
          title={cannotMeasure ?? undefined}
          onClick={onMeasure}
        >
          Measure
        </Button>
      }
    >
      <div className="deviceCard">
        <div className="column">
          <Radio.Group
            aria-label="Device that trains"
            value={choice}
            onChange={(value) => {
              if (value === "auto" || value === "webgpu" || value === "cpu") onChoose(value);
            }}
          >
            <Group gap="lg">
              <Radio value="auto" label="Auto" disabled={disabled} />
              <Radio value="webgpu" label="WebGPU" disabled={disabled} />
              <Radio value="cpu" label="CPU" disabled={disabled} />
            </Group>
          </Radio.Group>
          <p style={{ margin: 0 }} aria-live="polite">
            {report ? (
              <>
                <strong>{backendNames[report.chosen]}</strong> is used: {report.reason}
                {device.checking ? " It is being checked." : ""}
              </>
            ) : (
              "Looking for devices."
            )}
          </p>
        </div>
        <div className="column" style={{ gap: "0.625rem" }}>
          {report ? (
            <ul className="plainList">
              {report.options.map((option) => (
                <li key={option.backend}>
                  <OptionStatus option={option} />
                </li>
              ))}
            </ul>
          ) : null}
          <Speeds device={device} />
        </div>
      </div>
    </Panel>
  );
}

function OptionStatus({ option }: { option: DeviceOption }) {
  const { backend, available, isSoftware, description } = option;
  const kind = !available ? "none" : isSoftware ? "warn" : "good";
  const words = !available ? "not available" : isSoftware ? "software only, slow" : "available";
  return (
    <>
      <Status kind={kind}>
        {backendNames[backend]} {words}: <span className="soft">{description}</span>
      </Status>
      <CheckFacts option={option} />
    </>
  );
}

/** What the check at the start found, and what the device allows. */
function CheckFacts({ option: { check, largestBuffer } }: { option: DeviceOption }) {
  const limit = largestBuffer === undefined ? "" : `Tensors up to ${formatBytes(largestBuffer)}. `;
  if (!check) return limit ? <p className="soft optionFacts">{limit}</p> : null;
  return (
    <p className="soft optionFacts">
      {limit}
      {check.passed
        ? `Checked against plain arithmetic in ${formatSeconds(check.seconds)}. `
        : "Refused by the check at the start. "}
      {check.passed ? null : (
        <CopyButton value={check.report}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Report copied" : "Copy the report"}
            </Button>
          )}
        </CopyButton>
      )}
    </p>
  );
}

function extraFacts({ gigaflops, memory }: DeviceSpeed) {
  return [
    ...(gigaflops === undefined
      ? []
      : [{ key: "flops", name: "Speed", value: `${gigaflops.toPrecision(3)} GFLOP/s` }]),
    ...(memory
      ? [
          { key: "planned", name: "Memory, planned", value: formatBytes(memory.planned) },
          { key: "used", name: "Memory, measured", value: formatBytes(memory.used) },
        ]
      : []),
  ];
}

function Speeds({ device: { speeds, calibrating } }: { device: DeviceSlice }) {
  const measured = Object.entries(speeds ?? {}) as [NetworkName, DeviceSpeed][];
  if (measured.length === 0) {
    return (
      <p className="soft" style={{ margin: 0 }}>
        {calibrating ? "Measuring this device." : "Not measured yet for this network and patch."} A{" "}
        <Term name="calibration">calibration</Term> takes a few seconds.
      </p>
    );
  }
  const millis = (seconds: number) => `${(seconds * 1000).toPrecision(3)} ms`;
  return measured.map(([network, speed]) => (
    <div key={network}>
      {measured.length > 1 ? <strong>{networkLabels[network]}</strong> : null}
      <Facts
        facts={[
          { key: "step", name: "Training step", value: millis(speed.secondsPerStep) },
          { key: "slice", name: "Predicted slice", value: millis(speed.secondsPerSlice) },
          { key: "start", name: "Model start", value: millis(speed.secondsPerStart) },
          ...extraFacts(speed),
        ]}
      />
    </div>
  ));
}
