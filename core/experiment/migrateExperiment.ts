/**
 * An experiment as version 2 writes it. Version 1 had one `network` where version 2 has a list,
 * and a `target` of labels where version 2 has classes; both stay readable as short forms.
 *
 * @param value - unknown data, not checked here
 */
export function migratedExperiment(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { network, schemaVersion, target, ...rest } = value;
  return {
    ...rest,
    ...(schemaVersion === undefined
      ? {}
      : { schemaVersion: schemaVersion === 1 ? 2 : schemaVersion }),
    ...(network !== undefined && rest["networks"] === undefined ? { networks: [network] } : {}),
    ...(target === undefined ? {} : { target: migratedTarget(target) }),
  };
}

function migratedTarget(target: unknown): unknown {
  if (!isRecord(target) || target["labels"] === undefined || target["classes"] !== undefined) {
    return target;
  }
  return { classes: [{ labels: target["labels"] }] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
