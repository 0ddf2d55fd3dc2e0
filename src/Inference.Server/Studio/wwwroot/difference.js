// How two pictures differ: absolute differences of the channels, amplified, and the peak signal-to-noise ratio.

/** The pixels of a picture file as ImageData. */
export async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(bitmap, 0, 0);
  bitmap.close();
  return drawing.getImageData(0, 0, canvas.width, canvas.height);
}

/** PSNR of two pictures in dB over the three channels; infinite when they are equal, null when their sizes differ. */
export function psnr(a, b) {
  if (a.width !== b.width || a.height !== b.height) return null;
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) if (i % 4 !== 3) sum += (a.data[i] - b.data[i]) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 / (sum / (a.width * a.height * 3)));
}

/** A canvas with the differences of two pictures; null when their sizes differ. */
export function differenceCanvas(a, b, gain) {
  if (a.width !== b.width || a.height !== b.height) return null;
  const out = new ImageData(a.width, a.height);
  for (let i = 0; i < a.data.length; i++) out.data[i] = i % 4 === 3 ? 255 : gain * Math.abs(a.data[i] - b.data[i]);
  const canvas = document.createElement("canvas");
  canvas.width = a.width;
  canvas.height = a.height;
  canvas.getContext("2d").putImageData(out, 0, 0);
  return canvas;
}
