import { type Kernel, kernelOf } from "../../webgpu/kernel.ts";
import { deliverFunction, type Epilogue, epilogueFields, epilogueName } from "../delivery.wgsl.ts";

const chunkOfThread = `
  let c = thread % u.c4;
  let chunk = (thread / u.c4) % u.chunks;
  let n = thread / u.c4 / u.chunks;
  if (n >= u.batch) { return; }
  let first = chunk * u.chunk;
  let last = min(u.places, first + u.chunk);`;

const chunkFields = ["batch", "places", "chunks", "chunk", "c4"];

/**
 * Mean and summed squared deviation of one chunk of places, per sample and 4 channels.
 * Values are taken relative to the chunk's first, so that a large mean does not drown the
 * variance. Writes 2 vec4 per thread at `pAt`.
 */
export const normChunksKernel: Kernel = kernelOf({
  name: "norm.chunks",
  uses: ["arena"],
  fields: [...chunkFields, "xAt", "xPitch", "pAt"],
  body: `${chunkOfThread}
  let x = u.xAt + n * u.places * u.xPitch + c;
  let origin = arena[u32(x + first * u.xPitch)];
  var sum = vec4f(); var squares = vec4f();
  for (var i = first; i < last; i++) {
    let v = arena[u32(x + i * u.xPitch)] - origin;
    sum += v; squares = fma(v, v, squares);
  }
  let count = f32(last - first);
  let at = u32(u.pAt + 2 * ((n * u.chunks + chunk) * u.c4 + c));
  arena[at] = origin + sum / count;
  arena[at + 1u] = max(squares - sum * sum / count, vec4f());`,
});

/**
 * Joins the chunks (Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115) into
 * [batch, 2, channels]: mean, 1 / sqrt(variance + epsilon).
 */
export const normStatisticsKernel: Kernel = joinKernel(
  "norm.statistics",
  "inverseSqrt(deviation / count + u.f_epsilon)",
);

/** The same, but with the summed squared deviation as it is. */
export const normMomentsKernel: Kernel = joinKernel("norm.moments", "deviation");

function joinKernel(name: string, second: string): Kernel {
  return kernelOf({
    name,
    uses: ["arena"],
    fields: [...chunkFields, "pAt", "sAt", "f_epsilon"],
    body: `
  let c = thread % u.c4; let n = thread / u.c4;
  if (n >= u.batch) { return; }
  var mean = vec4f(); var deviation = vec4f(); var count = 0.0;
  for (var chunk = 0; chunk < u.chunks; chunk++) {
    let at = u32(u.pAt + 2 * ((n * u.chunks + chunk) * u.c4 + c));
    let more = f32(min(u.places, (chunk + 1) * u.chunk) - chunk * u.chunk);
    let step = arena[at] - mean;
    let total = count + more;
    mean += step * (more / total);
    deviation += arena[at + 1u] + step * step * (count * more / total);
    count = total;
  }
  arena[u32(u.sAt + 2 * n * u.c4 + c)] = mean;
  arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)] = ${second};`,
  });
}

/** y = (x - mean) * inverse * scale + shift, then the activation. */
export const normApplyKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `norm.apply.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["batch", "places", "c4", "xAt", "xPitch", "sAt", "wAt", "tAt", "tPitch"],
      ...epilogueFields(epilogue),
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let n = place / u.places;
  if (n >= u.batch) { return; }
  let mean = arena[u32(u.sAt + 2 * n * u.c4 + c)];
  let inverse = arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)];
  let x = arena[u32(u.xAt + place * u.xPitch + c)];
  deliver(place, c, (x - mean) * inverse * weights[u32(u.wAt + c)] + weights[u32(u.wAt + u.c4 + c)]);`,
  });

/**
 * Sums over one chunk of dy * normalised x and of dy, into `partials`: the parts of the
 * gradients of scale and shift.
 */
export const normGradientChunksKernel: Kernel = kernelOf({
  name: "normGradient.chunks",
  uses: ["arena", "partials"],
  fields: [...chunkFields, "xAt", "xPitch", "yAt", "yPitch", "sAt", "pAt", "pPitch"],
  body: `${chunkOfThread}
  let mean = arena[u32(u.sAt + 2 * n * u.c4 + c)];
  let inverse = arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)];
  let x = u.xAt + n * u.places * u.xPitch + c;
  let y = u.yAt + n * u.places * u.yPitch + c;
  var product = vec4f(); var sum = vec4f();
  for (var i = first; i < last; i++) {
    let g = arena[u32(y + i * u.yPitch)];
    product = fma((arena[u32(x + i * u.xPitch)] - mean) * inverse, g, product);
    sum += g;
  }
  let at = u.pAt + (n * u.chunks + chunk) * u.pPitch + c;
  partials[u32(at)] = product;
  partials[u32(at + u.c4)] = sum;`,
});

/** Sums of the chunks of each sample, as means over places: [batch, 2, channels] at `mAt`. */
export const normGradientMeansKernel: Kernel = kernelOf({
  name: "normGradient.means",
  uses: ["arena", "partials"],
  fields: [...chunkFields, "pAt", "pPitch", "gAt"],
  body: `
  let c = thread % u.c4; let n = thread / u.c4;
  if (n >= u.batch) { return; }
  var product = vec4f(); var sum = vec4f();
  for (var chunk = 0; chunk < u.chunks; chunk++) {
    let at = u.pAt + (n * u.chunks + chunk) * u.pPitch + c;
    product += partials[u32(at)];
    sum += partials[u32(at + u.c4)];
  }
  arena[u32(u.gAt + 2 * n * u.c4 + c)] = product / f32(u.places);
  arena[u32(u.gAt + (2 * n + 1) * u.c4 + c)] = sum / f32(u.places);`,
});

/** dx = scale * inverse * (dy - mean(dy) - normalised x * mean(dy * normalised x)). */
export const normGradientApplyKernel = (epilogue: Epilogue): Kernel =>
  kernelOf({
    name: `normGradient.apply.${epilogueName(epilogue)}`,
    uses: ["arena", "weights"],
    fields: [
      ...["batch", "places", "c4", "xAt", "xPitch", "yAt", "yPitch", "sAt", "gAt", "wAt"],
      ...["tAt", "tPitch", ...epilogueFields(epilogue)],
    ],
    functions: deliverFunction(epilogue),
    body: `
  let c = thread % u.c4; let place = thread / u.c4;
  let n = place / u.places;
  if (n >= u.batch) { return; }
  let mean = arena[u32(u.sAt + 2 * n * u.c4 + c)];
  let inverse = arena[u32(u.sAt + (2 * n + 1) * u.c4 + c)];
  let product = arena[u32(u.gAt + 2 * n * u.c4 + c)];
  let sum = arena[u32(u.gAt + (2 * n + 1) * u.c4 + c)];
  let normal = (arena[u32(u.xAt + place * u.xPitch + c)] - mean) * inverse;
  let g = arena[u32(u.yAt + place * u.yPitch + c)];
  deliver(place, c, weights[u32(u.wAt + c)] * inverse * (g - sum - normal * product));`,
  });
