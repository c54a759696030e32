//! Says what is being done and how long it took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Does `work` under a name.
pub fn stage<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("--> {name}");
    let begun = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done" } else { "FAILED" };
    eprintln!("<-- {name}: {outcome} after {}", spell(begun.elapsed()));
    result
}

/// `0.4 s`, `12.0 s`, `3 min 07 s`
pub fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spelt_in_the_unit_a_reader_expects() {
        assert_eq!(spell(Duration::from_millis(412)), "0.4 s");
        assert_eq!(spell(Duration::from_secs(187)), "3 min 07 s");
    }
}
