import fc from "fast-check";
import { strToU8 } from "fflate";
import { describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

/** A file with a header as given, and data. */
function fileOf(header: string, data: readonly number[] = []): Uint8Array {
  const json = strToU8(header);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

describe("safetensors", () => {
  it("gives back what was written, whatever the tensors", () => {
    const tensor = fc.array(fc.float({ noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), tensor), (lists) => {
        const tensors = new Map(
          Object.entries(lists).map(([name, values]) => [
            `t.${name}`,
            { shape: [values.length], values: Float32Array.from(values) },
          ]),
        );
        const file = { tensors, metadata: { card: "{}" } };
        const bytes = writeSafetensors(file);
        expect(readSafetensors(bytes)).toEqual(file);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
      }),
    );
  });

  it.each([
    ["F16", [0x00, 0x3c, 0x00, 0xc0], [1, -2]],
    ["BF16", [0x80, 0x3f, 0x00, 0xc0], [1, -2]],
    ["F16", [0x01, 0x00, 0x00, 0x7c], [2 ** -24, Number.POSITIVE_INFINITY]],
  ])("reads %s", (dtype, data, expected) => {
    const header = { a: { dtype, shape: [2], data_offsets: [0, 4] } };
    const { tensors } = readSafetensors(fileOf(JSON.stringify(header), data));
    expect([...(tensors.get("a")?.values ?? [])]).toEqual(expected);
  });

  it.each([
    ["a file that is too short", Uint8Array.of(1, 2, 3), "does not start with a header"],
    ["a header longer than the file", new Uint8Array(16).fill(1), "does not start with a header"],
    ["a header that is no JSON", fileOf("{no"), "its header is no JSON"],
    ["a list", fileOf("[1]"), "its header is no list of tensors"],
    [
      "integers",
      fileOf('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', [0, 0, 0, 0, 0, 0, 0, 0]),
      "tensor a is of type I64",
    ],
    [
      "a tensor beyond the end",
      fileOf('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', [0]),
      "tensor a of [4] does not lie within the file",
    ],
    ["a tensor without a shape", fileOf('{"a":{"dtype":"F32"}}'), "tensor a has no shape or place"],
  ])("refuses %s", (_, bytes, words) => {
    expect(() => readSafetensors(bytes)).toThrow(words);
  });
});
