//! `cargo xtask`; the chores are in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main()
}
