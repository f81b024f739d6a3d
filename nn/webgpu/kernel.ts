/** Threads of a workgroup, in every kernel. */
export const workgroupSize = 64;

/** A compute shader and what a dispatch of it must say. */
export interface Kernel {
  /** Unique: two kernels of one name are the same shader. */
  readonly name: string;
  readonly code: string;
  /** Uniforms in order; 4 bytes each. */
  readonly fields: readonly string[];
}

/** A place in a block of the arena, in vec4 steps from its start. */
export interface BlockPlace {
  readonly block: number;
  readonly vec4: number;
}

/** A whole number, a place in the arena, or a float. */
export type UniformValue = number | BlockPlace | { readonly float: number };

/** One run of a kernel: as data, before storage is placed. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly threads: number;
  readonly uniforms: Readonly<Record<string, UniformValue>>;
}

/** Bytes between the uniforms of two dispatches: WebGPU's largest offset alignment. */
export const uniformStride = 256;

/** Where each kind of data is bound, the same in every kernel. */
export const bindings = {
  arena: "@group(0) @binding(0) var<storage, read_write> arena: array<vec4f>;",
  weights: "@group(0) @binding(1) var<storage, read_write> weights: array<vec4f>;",
  partials: "@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;",
  optimiser: "@group(0) @binding(3) var<storage, read_write> optimiser: array<vec4f>;",
  image: "@group(0) @binding(4) var<storage, read> image: array<f32>;",
  labels: "@group(0) @binding(5) var<storage, read> labels: array<u32>;",
  ranges: "@group(0) @binding(6) var<storage, read> ranges: array<vec4i>;",
  scalars: "@group(0) @binding(7) var<uniform> scalars: vec4f;",
} as const;

/** Bound with a dynamic offset. */
export const uniformBinding = 8;

/**
 * Puts a kernel together.
 *
 * @param options.fields - names of whole-number uniforms; names that start with `f_` are floats
 * @param options.body - runs once per thread; `thread` is its number, one of at least as many as
 *   the dispatch asked for
 */
export function kernelOf(options: {
  readonly name: string;
  readonly uses: readonly (keyof typeof bindings)[];
  readonly fields: readonly string[];
  readonly functions?: string;
  readonly body: string;
}): Kernel {
  const { name, uses, fields, functions = "", body } = options;
  const members = fields.map((field) => `${field}: ${field.startsWith("f_") ? "f32" : "i32"}`);
  const code = `${uses.map((use) => bindings[use]).join("\n")}
struct Uniforms { ${members.join(", ")} }
@group(0) @binding(${uniformBinding}) var<uniform> u: Uniforms;
${functions}
@compute @workgroup_size(${workgroupSize})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let thread = i32(id.y * grid.x * ${workgroupSize}u + id.x);
${body}
}
`;
  return { name, code, fields };
}

/** Uniforms as bytes, places resolved. @throws RangeError when a field has no value */
export function packUniforms(
  { kernel, uniforms }: Dispatch,
  placeOf: (place: BlockPlace) => number,
): ArrayBuffer {
  const bytes = new ArrayBuffer(uniformStride);
  const view = new DataView(bytes);
  kernel.fields.forEach((field, i) => {
    const value = uniforms[field];
    if (value === undefined) throw new RangeError(`${kernel.name} needs the uniform ${field}`);
    if (typeof value === "number") view.setInt32(i * 4, value, true);
    else if ("float" in value) view.setFloat32(i * 4, value.float, true);
    else view.setInt32(i * 4, placeOf(value), true);
  });
  return bytes;
}

/** Numbers 0 to count - 1. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** WGSL of one line per number 0 to count - 1. */
export const lines = (count: number, line: (i: number) => string): string =>
  range(count).map(line).join("\n");
