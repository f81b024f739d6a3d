import { describe, expect, it } from "vitest";
import { advisoriesIn } from "./checkAdvisories.mjs";

const report = (vulnerabilities: object) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities });
const one = (severity: string) => ({
  severity,
  range: "<1.2.3",
  via: [{ title: "Prototype pollution", url: "https://github.com/advisories/x" }],
});

describe("advisoriesIn", () => {
  it("names what is of high severity, and lets the rest be", () => {
    const text = report({
      a: one("low"),
      b: one("moderate"),
      c: one("high"),
      d: { ...one("critical"), via: ["c"] },
    });
    expect(advisoriesIn(text)).toEqual({
      checked: true,
      why: "",
      problems: [
        "c <1.2.3: high: Prototype pollution https://github.com/advisories/x",
        "d <1.2.3: critical: through c",
      ],
    });
    expect(advisoriesIn(report({}))).toEqual({ checked: true, why: "", problems: [] });
  });

  it.each([
    ["", "npm audit printed no report"],
    [
      '{"message":"405 Method Not Allowed - POST https://example.org","statusCode":405}',
      "405 Method Not Allowed",
    ],
    ['{"error":{"summary":"request failed"}}', "request failed"],
    ["null", "no report"],
  ])("of %j says that nothing was checked", (text, why) => {
    expect(advisoriesIn(text)).toEqual({ checked: false, why, problems: [] });
  });
});
