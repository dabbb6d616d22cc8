use thiserror::Error;

/// A mask as COCO compressed run lengths, column by column, background first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rle {
    pub height: u32,
    pub width: u32,
    /// The counts string, as in COCO's JSON.
    pub counts: Vec<u8>,
}

/// Why pixels or runs are no mask.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MaskError {
    /// There are more or fewer pixels than the sides say, or there are none.
    #[error("{pixels} pixels are not a mask of {height} x {width} (height x width)")]
    Pixels { pixels: usize, height: u32, width: u32 },
    /// The runs cover more or less than the sides say, or there are no pixels.
    #[error("the runs sum to {sum}, not to height x width = {height} x {width}")]
    Runs { sum: u64, height: u32, width: u32 },
}

impl Rle {
    /// Encodes height x width pixels in row-major order; whatever is not zero is foreground. The counts are byte for
    /// byte those of pycocotools.
    pub fn from_dense(pixels: &[u8], height: u32, width: u32) -> Result<Self, MaskError> {
        let area = u64::from(height) * u64::from(width);
        if area == 0 || pixels.len() as u64 != area {
            return Err(MaskError::Pixels {
                pixels: pixels.len(),
                height,
                width,
            });
        }
        let columns = (0..width as usize).flat_map(|x| pixels[x..].iter().step_by(width as usize));
        let (mut runs, mut foreground, mut run) = (Vec::new(), false, 0);
        for pixel in columns {
            if (*pixel != 0) != foreground {
                runs.push(run);
                (foreground, run) = (!foreground, 0);
            }
            run += 1;
        }
        runs.push(run);
        Self::from_runs(&runs, height, width)
    }

    /// Compresses run lengths, which alternate between background and foreground and sum to height x width.
    pub fn from_runs(runs: &[u32], height: u32, width: u32) -> Result<Self, MaskError> {
        let sum = runs.iter().copied().map(u64::from).sum::<u64>();
        if sum == 0 || sum != u64::from(height) * u64::from(width) {
            return Err(MaskError::Runs { sum, height, width });
        }
        let mut counts = Vec::with_capacity(2 * runs.len());
        for (i, run) in runs.iter().enumerate() {
            // From the fourth run on, what is written is the difference from the run two before.
            let before = if i > 2 { runs[i - 2] } else { 0 };
            push_varint(&mut counts, i64::from(*run) - i64::from(before));
        }
        Ok(Self { height, width, counts })
    }
}

/// Appends 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the sign.
fn push_varint(counts: &mut Vec<u8>, mut value: i64) {
    loop {
        let bits = (value & 31) as u8;
        value >>= 5;
        let last = if bits & 16 == 0 { value == 0 } else { value == -1 };
        counts.push(48 + if last { bits } else { bits | 32 });
        if last {
            return;
        }
    }
}
