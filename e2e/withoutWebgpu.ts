import type { Page } from "@playwright/test";

/**
 * Takes WebGPU from the page and from its workers, as in a browser that has none: whatever
 * this machine has, training takes the CPU path. Chromium has no switch for it, so the
 * property goes before any script of the page or of a worker looks. Call it before `goto`.
 */
export async function removeWebgpu(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, "gpu");
  });
  await page.route(/\.worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const script = `Reflect.deleteProperty(WorkerNavigator.prototype, "gpu");${await response.text()}`;
    await route.fulfill({ response, body: script });
  });
}

/** In which of the page's workers WebGPU is; the page itself counts as one. */
export async function placesWithWebgpu(page: Page): Promise<{ asked: number; found: string[] }> {
  const workers = page.workers().filter((worker) => !worker.url().startsWith("blob:"));
  const look = () => "gpu" in navigator;
  const places = [
    { url: page.url(), hasGpu: await page.evaluate(look) },
    ...(await Promise.all(
      workers.map(async (worker) => ({ url: worker.url(), hasGpu: await worker.evaluate(look) })),
    )),
  ];
  const found = places.filter(({ hasGpu }) => hasGpu).map(({ url }) => url);
  return { asked: places.length, found };
}
