//! Version numbers, as far as they are compared here.

/// Up to three numbers, so that `1.21` and `1.21.0` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub [u32; 3]);

impl Version {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([major, minor, patch])
    }

    /// The first version in a text: of `PgBouncer 1.24.1`, of Debian's `5:7.0.15-1~deb12u10`.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.split_whitespace().find_map(|word| {
            let without_epoch = word.split_once(':').map_or(word, |(_, rest)| rest);
            without_epoch.starts_with(|c: char| c.is_ascii_digit()).then_some(without_epoch)
        })?;
        let upstream = word.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut numbers = upstream.split('.').map_while(|number| number.parse().ok());
        Some(Self([numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_print() {
        let printed = "PgBouncer 1.24.1\nlibevent 2.1.12-stable\nadns: c-ares 1.18.1";
        assert_eq!(Version::parse(printed), Some(Version::new(1, 24, 1)));
        assert_eq!(Version::parse("cargo-deny 0.20.2"), Some(Version::new(0, 20, 2)));
    }

    #[test]
    fn epochs_and_revisions_of_packages_are_left_out() {
        assert_eq!(Version::parse("5:7.0.15-1~deb12u10"), Some(Version::new(7, 0, 15)));
        assert_eq!(Version::parse("1.18.0-1+deb12u1"), Some(Version::new(1, 18, 0)));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(Version::parse("1.9.2") < Version::parse("1.21"));
        assert_eq!(Version::parse("15"), Some(Version::new(15, 0, 0)));
    }

    #[test]
    fn no_version_is_none() {
        assert_eq!(Version::parse("(none)"), None);
    }
}
