/** A mask as COCO compressed run lengths, column by column, background first. */
export interface Rle {
  readonly height: number;
  readonly width: number;
  readonly counts: string;
}

/**
 * Encodes a mask of height * width values in row-major order; whatever is not zero is foreground. The counts are byte
 * for byte those of pycocotools.
 */
export function encodeDense(pixels: ArrayLike<number>, height: number, width: number): Rle {
  if (!(height > 0 && width > 0) || pixels.length !== height * width) {
    throw new RangeError(`${pixels.length} pixels are not a mask of ${height} x ${width} (height x width)`);
  }
  const runs: number[] = [];
  let run = 0;
  let foreground = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if ((pixels[y * width + x] !== 0) !== foreground) {
        runs.push(run);
        run = 0;
        foreground = !foreground;
      }
      run++;
    }
  }
  runs.push(run);
  return encodeRuns(runs, height, width);
}

/** Compresses run lengths, which alternate between background and foreground and sum to height * width. */
export function encodeRuns(runs: readonly number[], height: number, width: number): Rle {
  const sum = runs.reduce((total, run) => total + run, 0);
  if (!(height > 0 && width > 0) || sum !== height * width || !runs.every((run) => Number.isInteger(run) && run >= 0)) {
    throw new RangeError(`the runs sum to ${sum}, not to height x width = ${height} x ${width}, or are no lengths`);
  }
  // From the fourth on, a run is stored as its difference from the run two before.
  const values = runs.map((run, i) => (i > 2 ? run - runs[i - 2]! : run));
  return { height, width, counts: values.map(varint).join("") };
}

/** 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the sign. */
function varint(value: number): string {
  let text = "";
  for (;;) {
    const character = value & 31;
    value >>= 5;
    if (character & 16 ? value === -1 : value === 0) {
      return text + String.fromCharCode(character + 48);
    }
    text += String.fromCharCode((character | 32) + 48);
  }
}
