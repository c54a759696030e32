//! Shows that the judge notices: plants one fault after the other into a copy of the tree, and lets the scenarios run on
//! what is built of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::plants::{PLANTS, Plant};
use crate::stage::stage;
use crate::{copy, install, run};

const LIMIT: Duration = Duration::from_mins(30);

pub fn run() -> Result<()> {
    let tools = stage("tools", install::everything)?;
    let tree = stage("copy the tree", || copy::tree("planted"))?;
    stage("copy what is compiled", || copy::compiled(&tree))?;
    for plant in &PLANTS {
        stage(plant.name, || {
            let before = plant.plant(&tree)?;
            build(&tree)?;
            noticed(plant, &tree, &tools)?;
            plant.pull(&tree, &before)
        })?;
    }
    copy::remove(&tree)
}

fn build(tree: &Path) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(tree).args(["build", "--quiet", "--package", "rookery"]);
    cargo.env("CARGO_TARGET_DIR", tree.join("target"));
    let status = run::shown(&mut cargo, LIMIT)?;
    ensure!(status.success(), "what was planted can't be built: it ended with {status}");
    Ok(())
}

/// The scenario has to fail, and to say why.
fn noticed(plant: &Plant, tree: &Path, tools: &install::Tools) -> Result<()> {
    let mut cargo = super::scenarios(&[plant.scenario], tools);
    cargo.env("ROOKERY_TEST_BINARY", tree.join("target/debug/rookery"));
    let (status, said) = run::heard("planted", &mut cargo, LIMIT)?;
    if status.success() {
        bail!("nobody noticed");
    }
    let told = said.lines().find(|line| line.starts_with(&format!("{}:", plant.invariant)));
    match told {
        Some(line) => eprintln!("    {line}"),
        None => bail!("it failed, and not for {}:\n{said}", plant.invariant),
    }
    Ok(())
}
