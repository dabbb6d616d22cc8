//! Counts are those of pycocotools, byte for byte.

use pixret::{MaskError, Rle};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    height: u32,
    width: u32,
    #[serde(default)]
    rows: Vec<String>,
    runs: Vec<u32>,
    counts: String,
}

fn vectors() -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance/masks.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn counts_of_a_dense_mask_are_those_of_pycocotools() {
    let dense: Vec<_> = vectors().into_iter().filter(|vector| !vector.rows.is_empty()).collect();
    assert!(!dense.is_empty());
    for Vector {
        height,
        width,
        rows,
        counts,
        ..
    } in dense
    {
        let pixels: Vec<u8> = rows.concat().bytes().map(|pixel| pixel - b'0').collect();
        assert_eq!(
            Rle::from_dense(&pixels, height, width),
            Ok(Rle {
                height,
                width,
                counts: counts.into()
            })
        );
    }
}

#[test]
fn counts_of_runs_are_those_of_pycocotools() {
    for Vector {
        height,
        width,
        runs,
        counts,
        ..
    } in vectors()
    {
        assert_eq!(
            Rle::from_runs(&runs, height, width),
            Ok(Rle {
                height,
                width,
                counts: counts.into()
            })
        );
    }
}

#[test]
fn pixels_that_are_no_mask_are_refused() {
    let error = Rle::from_dense(&[0; 5], 2, 3).unwrap_err();
    assert_eq!(
        error,
        MaskError::Pixels {
            pixels: 5,
            height: 2,
            width: 3
        }
    );
    assert_eq!(error.to_string(), "5 pixels are not a mask of 2 x 3 (height x width)");
    assert!(Rle::from_dense(&[], 0, 3).is_err());
}

#[test]
fn runs_that_are_no_mask_are_refused() {
    let error = Rle::from_runs(&[1, 2], 2, 2).unwrap_err();
    assert_eq!(
        error,
        MaskError::Runs {
            sum: 3,
            height: 2,
            width: 2
        }
    );
    assert_eq!(error.to_string(), "the runs sum to 3, not to height x width = 2 x 2");
    assert!(Rle::from_runs(&[u32::MAX, 1], 1, 0).is_err());
}
