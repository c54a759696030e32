//! The project's own chores, run as `cargo xtask <chore>`; and the private services, which tests that harm them
//! start for themselves.

mod bench;
mod check;
mod contract;
mod copy;
mod faults;
mod generate;
pub mod install;
mod interrupt;
mod new_module;
mod run;
pub mod services;
mod stage;
mod test;
mod wait;
mod workspace;

use std::env;
use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask <chore>

  test [--sqlite|--postgres] [--] [cargo test arguments]
            install what is missing, start private PostgreSQL, PgBouncer and Redis,
            and run the tests on SQLite, then on PostgreSQL (or on one of them)
  services  start the same services, print the environment that names them,
            and keep them running until Ctrl-C or the end of the standard input
  bench [--only a,b] [--json FILE] [--compare FILE] [--binary PATH] [--seconds N]
            what requests, deliveries and idle sockets cost in CPU time and memory; docs/bench.md
  faults [F1 F6 …] [--seconds N] [--binary PATH]
            break things amid steady traffic, for long, and judge what came of it; docs/faults.md
  faults --prove [OneEpoch NoGap …]
            plant faults into a copy of the tree, and see that the judge notices each
  check     formatting, the API's rules and promises, lints, documentation, dependencies,
            generated files
  generate  write the generated files that `check` compares
  new-module NAME [ONE]
            write a feature that works: its folder, its migration, the two lines that make it known.
            NAME is what there are many of (`shopping_lists`), ONE what one of them is called
  new-module --prove
            write one into a copy of the tree, and let the copy's lints and tests judge it

Whatever is built or downloaded stays under target/tools; `cargo clean` forgets it.";

const NEW_MODULE: &str = "\
usage: cargo xtask new-module NAME [ONE]
NAME is what there are many of (`shopping_lists`), ONE what one of them is called";

/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// What a shell command reports when it was called in a way it doesn't know.
const MISUSED: u8 = 2;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match interrupt::watch().and_then(|()| chore(&arguments)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            if interrupt::happened() { ExitCode::from(INTERRUPTED) } else { ExitCode::FAILURE }
        }
    }
}

fn chore(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test", rest @ ..] => test::run(rest),
        ["services"] => services::serve(),
        ["bench", rest @ ..] => bench::run(rest),
        ["faults", "--prove", invariants @ ..] => faults::prove(invariants),
        ["faults", rest @ ..] => faults::run(rest),
        ["check"] => check::run(),
        ["new-module", "--prove"] => new_module::prove(),
        ["new-module", "help" | "--help" | "-h"] => {
            println!("{NEW_MODULE}");
            Ok(ExitCode::SUCCESS)
        }
        ["new-module", many] => new_module::run(many, None),
        ["new-module", many, one] => new_module::run(many, Some(one)),
        ["generate"] => generate::write().map(|()| ExitCode::SUCCESS),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("xtask: {}\n\n{USAGE}", misuse(&words));
            Ok(ExitCode::from(MISUSED))
        }
    }
}

/// What is wrong with words that are no chore.
fn misuse(words: &[&str]) -> String {
    match words {
        [] => "say which chore".to_owned(),
        ["new-module"] => "`new-module` wants to know what there are many of: NAME".to_owned(),
        [
            chore @ ("services" | "check" | "generate" | "new-module" | "help" | "--help" | "-h"),
            rest @ ..,
        ] => {
            format!("`{chore}` can't be called with `{}`", rest.join(" "))
        }
        [other, ..] => format!("there is no chore `{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misuse_says_what_was_wrong() {
        assert_eq!(misuse(&["bogus"]), "there is no chore `bogus`");
        assert_eq!(misuse(&["check", "all"]), "`check` can't be called with `all`");
        assert_eq!(misuse(&["new-module", "a", "b", "c"]), "`new-module` can't be called with `a b c`");
        assert!(misuse(&["new-module"]).contains("NAME"));
        assert!(misuse(&[]).contains("which chore"));
    }
}
