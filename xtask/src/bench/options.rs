//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::SCENARIOS;

#[derive(Debug, PartialEq)]
pub struct Options {
    /// Names of scenarios, in the order in which they are run.
    pub only: Vec<&'static str>,
    /// Where to write the figures.
    pub json: Option<PathBuf>,
    /// Figures of an earlier run.
    pub compare: Option<PathBuf>,
    /// A binary that is there already; otherwise ours is built.
    pub binary: Option<PathBuf>,
    /// How long each kind of load is measured.
    pub measure: Duration,
}

impl Options {
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self {
            only: SCENARIOS.to_vec(),
            json: None,
            compare: None,
            binary: None,
            measure: Duration::from_secs(8),
        };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{name} wants a value after it"));
            match *name {
                "--only" => options.only = scenarios(value()?)?,
                "--json" => options.json = Some(value()?.into()),
                "--compare" => options.compare = Some(value()?.into()),
                "--binary" => options.binary = Some(value()?.into()),
                "--seconds" => options.measure = seconds(value()?)?,
                other => {
                    bail!("bench knows no {other}; it takes --only, --json, --compare, --binary, --seconds")
                }
            }
        }
        Ok(options)
    }
}

fn scenarios(list: &str) -> Result<Vec<&'static str>> {
    let known = |name: &str| SCENARIOS.into_iter().find(|known| *known == name);
    for name in list.split(',') {
        known(name)
            .with_context(|| format!("no scenario is called {name:?}; there are {}", SCENARIOS.join(", ")))?;
    }
    Ok(SCENARIOS.into_iter().filter(|name| list.split(',').any(|wanted| wanted == *name)).collect())
}

fn seconds(text: &str) -> Result<Duration> {
    let number = text.parse().ok().filter(|seconds| (1..=60).contains(seconds));
    number.map(Duration::from_secs).with_context(|| format!("--seconds takes 1 to 60, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_everything_is_measured() {
        let options = Options::parse(&[]).expect("nothing is wrong with nothing");
        assert_eq!(options.only, SCENARIOS);
        assert_eq!(options.binary, None);
    }

    #[test]
    fn scenarios_run_in_their_own_order_and_once() {
        let options =
            Options::parse(&["--only", "posts,health,posts", "--seconds", "3"]).expect("both exist");
        assert_eq!(options.only, ["health", "posts"]);
        assert_eq!(options.measure, Duration::from_secs(3));
    }

    #[test]
    fn what_cannot_be_used_is_told_in_one_sentence() {
        for (arguments, told) in [
            (&["--only", "health,lunch"][..], "no scenario is called \"lunch\""),
            (&["--only", ""], "no scenario is called \"\""),
            (&["--json"], "--json wants a value"),
            (&["--seconds", "0"], "--seconds takes 1 to 60"),
            (&["--fast"], "bench knows no --fast"),
        ] {
            let error = Options::parse(arguments).expect_err("it can't be used").to_string();
            assert!(error.contains(told) && !error.contains('\n'), "{error}");
        }
    }
}
