//! Few numbers for many.

/// Of microseconds, the median and what all but one in a hundred don't exceed, in milliseconds.
pub fn percentiles(micros: &mut [u32]) -> [Option<f64>; 2] {
    [0.5, 0.99].map(|share| percentile(micros, share).map(|micros| f64::from(micros) / 1000.0))
}

/// The smallest value that this share of all values doesn't exceed. Sorts what it is given.
fn percentile(values: &mut [u32], share: f64) -> Option<u32> {
    values.sort_unstable();
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values: Vec<u32> = (1..=200).rev().collect();
        assert_eq!(percentile(&mut values, 0.5), Some(100));
        assert_eq!(percentile(&mut values, 0.99), Some(198));
        assert_eq!(percentile(&mut values, 1.0), Some(200));
        assert_eq!(percentile(&mut [7], 0.5), Some(7));
        assert_eq!(percentile(&mut [], 0.5), None);
        assert_eq!(percentiles(&mut values), [Some(0.1), Some(0.198)]);
    }
}
