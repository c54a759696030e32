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

pub fn run(invariants: &[&str]) -> Result<()> {
    if let Some(wrong) = invariants.iter().find(|name| !PLANTS.iter().any(|plant| plant.invariant == **name))
    {
        bail!("there is no plant for {wrong:?}; tests/faults/check names the invariants");
    }
    let tools = stage("tools", install::everything)?;
    let tree = stage("copy the tree", || copy::tree("planted"))?;
    stage("copy what is compiled", || copy::compiled(&tree))?;
    let mut unnoticed = Vec::new();
    for plant in PLANTS.iter().filter(|plant| invariants.is_empty() || invariants.contains(&plant.invariant))
    {
        let before = plant.plant(&tree)?;
        let noticed = stage(plant.name, || build(&tree).and_then(|()| noticed(plant, &tree, &tools)));
        Plant::pull(&tree, before)?;
        if let Err(error) = noticed {
            eprintln!("{error:#}");
            unnoticed.push(plant.name);
        }
    }
    ensure!(unnoticed.is_empty(), "not noticed as they should be: {}", unnoticed.join("; "));
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
