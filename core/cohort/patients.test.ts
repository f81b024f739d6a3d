import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePatients, withPatients } from "./patients.ts";

describe("parsePatients", () => {
  it.each([
    ["plain lines", "case,patient\na,P1\nb,P2\n"],
    ["Windows lines without a last break", "case,patient\r\na,P1\r\nb,P2"],
    ["a byte order mark", "\ufeffcase,patient\na,P1\nb,P2"],
    ["quotes", '"case","patient"\n"a","P1"\n"b",P2\n'],
    ["semicolons", "case;patient\na;P1\nb;P2"],
    ["tabs and other columns", "age\tPatient\tCase\n5\tP1\ta\n6\tP2\tb"],
    ["spaces, empty lines, endings", "case, patient\n\n a.nii.gz , P1\n,\nb.nii,P2\n\n"],
  ])("reads %s", (_, csv) => {
    expect([...parsePatients(csv)]).toEqual([
      ["a", "P1"],
      ["b", "P2"],
    ]);
  });

  it("gives back whatever was quoted", () => {
    const name = fc.string({ minLength: 1 }).map((text) => `x${text}x`);
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 5 }), (names) => {
        const rows = names.map((one) => `${quoted(one)},${quoted(`p${one}`)}`);
        expect([...parsePatients(`case,patient\n${rows.join("\n")}`)]).toEqual(
          names.map((one) => [one, `p${one}`]),
        );
      }),
    );
  });

  it.each([
    ["", "cases.csv, line 1: columns must include case and patient, got nothing"],
    ["id,patient\n", "line 1: columns must include case and patient, got id, patient"],
    ["case,patient\na,P1\nb\n", "cases.csv, line 3: a row must have 2 fields, got 1"],
    ["case,patient\na,P1,x\n", "cases.csv, line 2: a row must have 2 fields, got 3"],
    ["case,patient\n\na,\n", "cases.csv, line 3: case and patient must not be empty"],
    ["case,patient\na,P1\na,P2\n", "line 3: case a must have one patient, got P1 and P2"],
    ['case,patient\n"a,P1\n', "line 2: a quoted field must end with a quote, got none"],
    ['case,patient\n"a"b,P1\n', "line 2: a quoted field must end a field, got b after it"],
    ['case,patient\n"a\nb",P1\nc\n', "cases.csv, line 4: a row must have 2 fields, got 1"],
  ])("refuses %j with its line", (csv, words) => {
    expect(() => parsePatients(csv)).toThrow(words);
  });

  it("turns a broken table into a problem and keeps cases apart", () => {
    const pairs = [{ id: "a", patient: "a", image: "a.nii", mask: null }];
    const { pairs: kept, problems } = withPatients(pairs, "nonsense", "x/cases.csv");
    expect(kept).toEqual(pairs);
    expect(problems).toEqual([
      {
        severity: "error",
        message: "cases.csv, line 1: columns must include case and patient, got nonsense",
        paths: ["x/cases.csv"],
      },
    ]);
  });
});
