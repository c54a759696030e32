//! Faults that were planted, and what the judge says to each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// A promise of the program's that is broken by changing a line.
pub struct Plant {
    pub name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// The scenario that shows it.
    pub scenario: &'static str,
    /// What is broken then, by its name in tests/faults/check.
    pub invariant: &'static str,
}

pub const PLANTS: [Plant; 2] = [
    Plant {
        name: "acknowledge before the commit",
        file: "src/modules/messages/service/send.rs",
        from: "if let Err(error) = tx.commit().await {",
        to: "tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            tx.commit().await
        });
        if let Err(error) = Ok::<(), DbErr>(()) {",
        scenario: "F1",
        invariant: "AcknowledgedIsStored",
    },
    Plant {
        name: "go on pushing to whoever was removed",
        file: "src/realtime/streams/task.rs",
        from: "self.remove(user, event.seq);",
        to: "tracing::info!(?user, \"goes on\");",
        scenario: "F6",
        invariant: "MembersOnly",
    },
];

impl Plant {
    /// Changes the line in this tree; returns the file as it was.
    pub fn plant(&self, tree: &Path) -> Result<String> {
        let path = tree.join(self.file);
        let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", self.file))?;
        self.fits(&text)?;
        fs::write(&path, text.replacen(self.from, self.to, 1))?;
        Ok(text)
    }

    /// Puts the file back.
    pub fn pull(&self, tree: &Path, text: &str) -> Result<()> {
        Ok(fs::write(tree.join(self.file), text)?)
    }

    fn fits(&self, text: &str) -> Result<()> {
        let found = text.matches(self.from).count();
        ensure!(
            found == 1,
            "{}: {} holds what is to be changed {found} times, not once",
            self.name,
            self.file
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn every_plant_still_has_its_place() {
        for plant in &PLANTS {
            let text = fs::read_to_string(workspace::root().join(plant.file)).expect("the file is there");
            plant.fits(&text).expect("a plant is changed with what it is planted in");
        }
    }

    #[test]
    fn every_invariant_that_a_plant_names_is_one() {
        let judge = workspace::root().join("tests/faults/check/mod.rs");
        let judge = fs::read_to_string(judge).expect("the judge is there");
        for plant in &PLANTS {
            assert!(judge.contains(&format!("    {},\n", plant.invariant)), "{}", plant.invariant);
        }
    }
}
