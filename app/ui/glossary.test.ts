import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { glossary } from "./glossary.ts";

const text = readFileSync(new URL("../../docs/glossary.md", import.meta.url), "utf8");
/** Columns may be padded. */
const page = text.replace(/ +/g, " ");

describe("docs/glossary.md", () => {
  it.each(Object.values(glossary))("explains $title as the page does", ({ title, text }) => {
    expect(page).toContain(`| ${title} | ${text} |`);
  });
});
