//! Faults that were planted, and what the judge says to each.

mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

pub use table::PLANTS;

/// A promise of the program's that is broken by changing a few lines.
pub struct Plant {
    pub name: &'static str,
    changes: &'static [Change],
    /// The scenario that shows it.
    pub scenario: &'static str,
    /// What is broken then, by its name in tests/faults/check.
    pub invariant: &'static str,
}

/// A place in the sources, and what is to stand there instead.
struct Change {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

impl Plant {
    /// Changes the lines in this tree; returns the files as they were.
    pub fn plant(&self, tree: &Path) -> Result<Vec<(&'static str, String)>> {
        let mut before: Vec<(&'static str, String)> = Vec::new();
        for change in self.changes {
            let path = tree.join(change.file);
            let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", change.file))?;
            change.fits(self.name, &text)?;
            fs::write(&path, text.replacen(change.from, change.to, 1))?;
            before.push((change.file, text));
        }
        Ok(before)
    }

    /// Puts the files back: the last first, for one may have been changed twice.
    pub fn pull(tree: &Path, before: Vec<(&'static str, String)>) -> Result<()> {
        before.into_iter().rev().try_for_each(|(file, text)| Ok(fs::write(tree.join(file), text)?))
    }
}

impl Change {
    fn fits(&self, plant: &str, text: &str) -> Result<()> {
        let found = text.matches(self.from).count();
        ensure!(found == 1, "{plant}: {} holds what is to be changed {found} times, not once", self.file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use std::collections::BTreeSet;

    #[test]
    fn every_plant_still_has_its_place() {
        for plant in PLANTS {
            for change in plant.changes {
                let text =
                    fs::read_to_string(workspace::root().join(change.file)).expect("the file is there");
                change.fits(plant.name, &text).expect("a plant is changed with what it is planted in");
            }
        }
    }

    #[test]
    fn every_invariant_has_a_plant() {
        let judge = workspace::root().join("tests/faults/check/mod.rs");
        let judge = fs::read_to_string(judge).expect("the judge is there");
        let (_, after) = judge.split_once("pub enum Invariant {").expect("they are listed there");
        let (invariants, _) = after.split_once('}').expect("the list ends");
        let names = invariants.lines().filter_map(|line| line.trim().strip_suffix(','));
        let invariants: BTreeSet<&str> = names.collect();
        assert_eq!(invariants, PLANTS.iter().map(|plant| plant.invariant).collect());
    }
}
