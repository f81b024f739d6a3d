import { test as base, expect, type Page } from "@playwright/test";
import { removeWebgpu } from "./withoutWebgpu.ts";

export { expect };

/** What a project of the configuration sets. */
export interface PageOptions {
  /** Whether page and workers may see WebGPU; without it a test is the same on any machine. */
  readonly webgpu: boolean;
}

/**
 * Tests whose page keeps its promises: no request leaves the origin, and nothing is thrown
 * that nobody caught.
 */
export const test = base.extend<PageOptions & { device: undefined; promises: undefined }>({
  webgpu: [false, { option: true }],
  device: [
    async ({ page, webgpu }, use) => {
      if (!webgpu) await removeWebgpu(page);
      await use(undefined);
    },
    { auto: true },
  ],
  promises: [
    async ({ page, baseURL }, use) => {
      const origin = new URL(baseURL ?? "http://localhost").origin;
      const foreign: string[] = [];
      const errors: string[] = [];
      page.on("request", (request) => {
        const url = new URL(request.url());
        const isOurs = url.origin === origin || ["blob:", "data:"].includes(url.protocol);
        if (!isOurs) foreign.push(request.url());
      });
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      await use(undefined);
      expect(foreign, "requests to other origins").toEqual([]);
      expect(errors, "errors nobody caught").toEqual([]);
    },
    { auto: true },
  ],
});

/** Steps of the workflow, as the navigation names them. */
export type Step = "Cohort" | "Experiment" | "Run" | "Results";

export async function openStep(page: Page, step: Step): Promise<void> {
  await page
    .getByRole("navigation", { name: "Steps" })
    .getByRole("link", { name: new RegExp(step) })
    .click();
  await expect(page).toHaveURL(new RegExp(`#${step.toLowerCase()}$`));
}

/** Opens the page and its bundled cohort, and waits until the cases are listed. */
export async function openSample(page: Page): Promise<void> {
  await page.goto("./");
  await chooseSample(page);
}

export async function chooseSample(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Open the sample cohort" }).click();
  const rows = page.getByRole("table", { name: "Cases" }).getByRole("row");
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBeGreaterThan(40);
}

/** What a test changes of an experiment. */
export interface Design {
  readonly iterations: number;
  readonly batchSize?: number;
  readonly repeats?: number;
  /** Removed from the lists, as the chips name them. */
  readonly without?: readonly string[];
}

/** Fills in the form of the experiment step. */
export async function design(page: Page, wanted: Design): Promise<void> {
  await openStep(page, "Experiment");
  await page.getByRole("button", { name: "Quick", exact: true }).click();
  await setNumber(page, "Iterations", wanted.iterations);
  if (wanted.batchSize) await setNumber(page, "Batch size", wanted.batchSize);
  if (wanted.repeats) await setNumber(page, "Repeats", wanted.repeats);
  for (const chip of wanted.without ?? []) {
    await page.getByRole("button", { name: new RegExp(`^Remove ${chip}`) }).click();
  }
}

export async function setNumber(page: Page, label: string, value: number): Promise<void> {
  const field = page.getByRole("textbox", { name: label, exact: true });
  await field.fill(String(value));
  await field.blur();
  await expect(field).toHaveValue(String(value));
}

/** Waits for the end of a run. */
export async function untilFinished(page: Page, timeout = 100_000): Promise<void> {
  const note = page.getByRole("navigation", { name: "Steps" }).getByRole("link", { name: /Run/ });
  await expect(note).toContainText("Finished", { timeout });
}

/** Rows of the results table, cell texts by column head. */
export async function trialRows(page: Page): Promise<Record<string, string>[]> {
  return tableRows(page, "Trials");
}

export async function tableRows(page: Page, name: string): Promise<Record<string, string>[]> {
  const table = page.getByRole("table", { name, exact: true });
  await expect(table).toBeVisible();
  return table.evaluate((element) => {
    const texts = (row: Element | null) =>
      [...(row?.children ?? [])].map((cell) => cell.textContent?.trim() ?? "");
    const heads = texts(element.querySelector("thead tr"));
    return [...element.querySelectorAll("tbody tr")].map((row) =>
      Object.fromEntries(texts(row).map((text, column) => [heads[column] ?? "", text])),
    );
  });
}
