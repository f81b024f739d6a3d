import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drop, writeTinyCohort } from "./drop.ts";
import { expect, test, trialRows } from "./page.ts";

const runner = fileURLToPath(new URL("../scripts/slicewise.mjs", import.meta.url));

const experiment = {
  name: "a run elsewhere",
  densities: [0.25, 0.5, 1],
  volumeFractions: [1],
  strategies: ["fixedInterval"],
  repeats: 1,
  iterations: 1,
  batchSize: 1,
  patch: [32, 32],
  split: { test: 0.25, validation: 0, seed: 1 },
};

test("a run on another machine is watched by dropping its folder", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "slicewise-follow-"));
  writeTinyCohort(join(folder, "cohort"), 4);
  writeFileSync(join(folder, "experiment.json"), JSON.stringify(experiment));
  const where = ["--cohort", join(folder, "cohort"), "--out", join(folder, "whole")];
  const args = ["run", join(folder, "experiment.json"), ...where, "--backend", "cpu"];
  execFileSync("node", [runner, ...args], { stdio: "ignore" });
  const lines = readFileSync(join(folder, "whole/results.jsonl"), "utf8").split(/(?<=\n)/);
  expect(lines).toHaveLength(3);

  const [first = "", second = "", third = ""] = lines;
  mkdirSync(join(folder, "growing"));
  const growing = join(folder, "growing/results.jsonl");
  copyFileSync(join(folder, "whole/experiment.json"), join(folder, "growing/experiment.json"));
  // The second line is still being written.
  writeFileSync(growing, first + second.slice(0, 40));

  await page.goto("./");
  await drop(page, join(folder, "growing"));
  await expect(page).toHaveURL(/#results$/);
  await expect(page.getByText("Follows “growing”")).toBeVisible();
  await expect(page.getByText("1 finished trial of “a run elsewhere”.")).toBeVisible();
  const points = page.getByTestId("curve-point");
  await expect(points).toHaveCount(1);

  appendFileSync(growing, second.slice(40) + third);
  await expect(points).toHaveCount(3);
  const shown = (await trialRows(page)).map((row) => Number(row["IoU"]).toFixed(3)).sort();
  const written = lines.map((line) => {
    const { iou } = JSON.parse(line) as { iou: { mean: number } };
    return iou.mean.toFixed(3);
  });
  expect(shown).toEqual(written.sort());

  await page.getByRole("button", { name: "Stop following" }).click();
  await expect(page.getByText("Follows “growing”")).toBeHidden();
  await expect(points).toHaveCount(3);
  rmSync(folder, { recursive: true });
});

test("a results file that is none is refused in words", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "slicewise-follow-"));
  writeFileSync(join(folder, "results.jsonl"), "{}\n{}\n");
  await page.goto("./");
  await drop(page, folder);
  await expect(
    page.getByText("results.jsonl must hold one result per line, line 1 does not"),
  ).toBeVisible();
  rmSync(folder, { recursive: true });
});
