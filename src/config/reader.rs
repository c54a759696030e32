//! Reads variables one by one and remembers everything that is wrong with them.

use std::{fmt, str::FromStr};

/// Hands out values and collects faults; [`Reader::finish`] decides.
pub struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

/// One setting that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The variable's name.
    pub name: String,
    /// What it held; secrets are described, never shown.
    pub got: String,
    /// What it should hold.
    pub wants: String,
}

/// The settings can't be used; says why, a line each.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    pub faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(source: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { source, faults: Vec::new() }
    }

    /// The value as it stands; blank counts as absent, as in most env files.
    pub fn text(&self, name: &str) -> Option<String> {
        (self.source)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The first of these names that is set, read by `parse`; `None` from it is a fault.
    pub fn parse<T>(&mut self, names: &[&str], wants: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (name, text) = names.iter().find_map(|name| Some((*name, self.text(name)?)))?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(name, format!("{text:?}"), wants);
        }
        value
    }

    /// A number (or anything that parses) within bounds, with a default.
    pub fn within<T: FromStr + PartialOrd + fmt::Display + Copy>(
        &mut self,
        name: &str,
        default: T,
        least: T,
        most: T,
    ) -> T {
        let wants = format!("a whole number from {least} to {most}");
        self.parse(&[name], &wants, |text| text.parse().ok().filter(|value| (least..=most).contains(value)))
            .unwrap_or(default)
    }

    /// Notes a setting that can't be used.
    pub fn fault(&mut self, name: &str, got: impl Into<String>, wants: impl Into<String>) {
        self.faults.push(Fault { name: name.into(), got: got.into(), wants: wants.into() });
    }

    /// The value, unless there was a fault.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        match self.faults.is_empty() {
            true => Ok(value),
            false => Err(ConfigError { faults: self.faults }),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration can't be used:")?;
        for Fault { name, got, wants } in &self.faults {
            writeln!(f, "  {name}: got {got}; wants {wants}")?;
        }
        Ok(())
    }
}
