//! The documents read by tools that know thousands of others: OpenAPI by Spectral's and Redocly's recommended
//! rules, AsyncAPI by its own parser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::install::node;
use crate::{run, workspace};

const LIMIT: Duration = Duration::from_mins(5);

/// Reads the documents in a folder; fails on a warning as on an error.
pub fn check(documents: &Path) -> Result<()> {
    let (openapi, asyncapi) = (documents.join("openapi.json"), documents.join("asyncapi.json"));
    let folder = workspace::root().join("openapi/rules");
    let programs = node::packages("openapi/rules")?.join(".bin");
    let command = |program: &str| {
        let mut command = Command::new(programs.join(program));
        // Neither reports home nor asks for newer versions.
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        command.env("NO_COLOR", "1").current_dir(&folder);
        command
    };
    let mut spectral = command("spectral");
    spectral.args(["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint"]).arg(&openapi);
    run::logged("spectral", &mut spectral, LIMIT)?;
    let mut redocly = command("redocly");
    redocly.args(["lint", "--config", "redocly.yaml", "--format", "stylish"]).arg(&openapi);
    // It ends well in spite of warnings; what it finds, warnings included, is all that it prints.
    let found = run::captured("redocly", &mut redocly, LIMIT)?;
    if !found.is_empty() {
        bail!("{}", String::from_utf8_lossy(&found));
    }
    let mut parser = Command::new("node");
    parser.arg("asyncapi.mjs").arg(&asyncapi).current_dir(&folder);
    run::logged("asyncapi", &mut parser, LIMIT)
}
