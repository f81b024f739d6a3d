import { expect, test } from "./page.ts";

test("page and server state one content policy, which names no other place", async ({ page }) => {
  const response = await page.goto("./");
  const sent = response?.headers()["content-security-policy"] ?? "";
  const meta = page.locator("meta[http-equiv='Content-Security-Policy']");
  const stated = (await meta.getAttribute("content")) ?? "";
  expect(stated).toMatch(/^default-src 'self'; .*connect-src 'self';/);
  expect(stated).not.toMatch(/https?:|\*|'unsafe-eval'/);
  // Only a server can forbid being framed.
  expect(sent).toBe(`${stated}; frame-ancestors 'none'`);
});
