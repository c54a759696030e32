//! How long files are.

use crate::house::rule::{Exception, Finding, Rule};

const MOST: usize = 300;
const MEDIAN_UNDER: usize = 100;

/// May only shrink: who is short again is refused here.
const LONGER: &[Exception] = &[];

pub const SIZES: Rule = Rule {
    name: "sizes",
    because: "a file that tells one story is seldom longer than 300 lines",
    mend: "split it by subject (service/feed.rs), not by kind",
    find: |sources| {
        let long = sources.rust().filter(|source| source.lines() > MOST);
        let found = long.map(|source| {
            let fault = format!("has {} lines", source.lines());
            Finding::new(source, MOST + 1, "long", fault)
        });
        found.collect()
    },
    exceptions: LONGER,
};

pub const MEDIAN: Rule = Rule {
    name: "median",
    because: "a house of large files is read by nobody",
    mend: "split the longest by subject",
    find: |sources| {
        let mut files: Vec<_> = sources.program().collect();
        files.sort_by_key(|source| source.lines());
        let Some(median) = files.get(files.len() / 2) else { return vec![] };
        let (lines, of) = (median.lines(), files.len());
        let fault =
            format!("is the median of {of} files in src and has {lines} lines, {MEDIAN_UNDER} or more");
        (lines >= MEDIAN_UNDER).then(|| Finding::new(median, 1, "median", fault)).into_iter().collect()
    },
    exceptions: &[],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_long_file_is_refused() {
        let long = "\n".repeat(MOST + 1);
        refused(&SIZES, &[("tests/api/x.rs", &long)], "tests/api/x.rs:301: has 301 lines");
        accepted(&SIZES, &[("tests/api/x.rs", &long[1..])]);
    }

    #[test]
    fn a_house_of_long_files_is_refused() {
        let (short, long) = ("\n".repeat(99), "\n".repeat(100));
        let files = [("src/a.rs", &*short), ("src/b.rs", &*long), ("src/c.rs", &*long)];
        refused(
            &MEDIAN,
            &files,
            "src/b.rs:1: is the median of 3 files in src and has 100 lines, 100 or more",
        );
        accepted(&MEDIAN, &[files[0], ("src/b.rs", &*short), files[2]]);
    }
}
