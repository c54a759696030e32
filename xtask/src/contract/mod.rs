//! The public contract: whether its documents keep the common rules, and whether they keep what was
//! promised with the last release.

mod allowed;
mod exchange;
mod promises;
mod rules;
mod schema;

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;
use exchange::Exchanges;

pub use rules::check as rules;

/// What the last release has promised, and what may be broken all the same.
const RELEASED: &str = "openapi/released";

type Reader = fn(&Value) -> Exchanges;

/// The documents and how each is read.
const DOCUMENTS: [(&str, Reader); 2] =
    [("openapi.json", exchange::operations), ("asyncapi.json", exchange::events)];

/// Fails on every break of a promise that `breaks.md` doesn't name, and on whatever it names for nothing.
pub fn promises() -> Result<()> {
    let mut breaks = Vec::new();
    for (file, read) in DOCUMENTS {
        let promised = document(&format!("{RELEASED}/{file}"))?;
        let present = document(&format!("openapi/{file}"))?;
        breaks.extend(promises::broken(&read(&promised), &promised, &read(&present), &present));
    }
    let file = format!("{RELEASED}/breaks.md");
    let text =
        fs::read_to_string(workspace::root().join(&file)).with_context(|| format!("can't read {file}"))?;
    let faults = allowed::judge(&breaks, &text);
    if !faults.is_empty() {
        bail!("{}\n{file} says what a break is, and how to make one on purpose", faults.join("\n"));
    }
    Ok(())
}

fn document(file: &str) -> Result<Value> {
    let text = fs::read(workspace::root().join(file)).with_context(|| format!("can't read {file}"))?;
    serde_json::from_slice(&text).with_context(|| format!("{file} isn't JSON"))
}
