import AxeBuilder from "@axe-core/playwright";
import { design, expect, openSample, openStep, type Step, test, untilFinished } from "./page.ts";

const steps: Step[] = ["Cohort", "Experiment", "Run", "Results"];

test("every step is accessible, in light and dark", async ({ page }) => {
  await page.goto("./");
  await expectAccessible(page, "the first visit");
  await openSample(page);
  await design(page, { iterations: 2, without: ["40 %", "1 from"] });
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await openStep(page, "Run");
  await expectAccessible(page, "a run under way");
  await untilFinished(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const step of steps) {
      await openStep(page, step);
      await expectAccessible(page, `${step}, ${colorScheme}`);
    }
  }
});

async function expectAccessible(
  page: ConstructorParameters<typeof AxeBuilder>[0]["page"],
  where: string,
): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
  expect(found, where).toEqual([]);
}
