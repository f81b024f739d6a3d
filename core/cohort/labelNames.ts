/**
 * Names of labels from a `dataset.json`: `{"labels": {"1": "liver"}}` as the Decathlon writes
 * it or `{"labels": {"liver": 1}}` as nnU-Net does. Regions of several labels, background 0 and
 * whatever else stands there are passed over.
 */
export function labelNamesOf(datasetJson: unknown): Record<number, string> {
  const labels = isRecord(datasetJson) ? datasetJson["labels"] : null;
  if (!isRecord(labels)) return {};
  const names: Record<number, string> = {};
  for (const [key, value] of Object.entries(labels)) {
    if (key === "ignore") continue;
    const [label, name] = typeof value === "string" && isLabel(key) ? [key, value] : [value, key];
    if (isLabel(label)) names[Number(label)] = name;
  }
  return names;
}

/** The label of voxels that nobody annotated, nnU-Net's `"ignore"`; null where there is none. */
export function ignoreLabelOf(datasetJson: unknown): number | null {
  const labels = isRecord(datasetJson) ? datasetJson["labels"] : null;
  const ignored = isRecord(labels) ? labels["ignore"] : null;
  return isLabel(ignored) ? Number(ignored) : null;
}

function isLabel(value: unknown): boolean {
  return /^[1-9]\d{0,4}$/.test(`${value}`) && !Array.isArray(value) && Number(value) <= 65535;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
