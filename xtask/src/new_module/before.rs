//! What was there before a feature was written, so that a failure leaves nothing behind.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

/// Files as they were, and what is to be made anew.
pub struct Before {
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
    made: Vec<PathBuf>,
}

impl Before {
    /// Of files that may change, and of files and folders that aren't there yet.
    pub fn of(files: Vec<PathBuf>, made: Vec<PathBuf>) -> Result<Self> {
        let files = files.into_iter().map(|path| present(&path).map(|text| (path, text)));
        Ok(Self { files: files.collect::<Result<_>>()?, made })
    }

    /// What came of the work; where it failed, everything is as it was.
    pub fn unless(self, done: Result<()>) -> Result<()> {
        let Err(error) = done else { return Ok(()) };
        match self.restore() {
            Ok(()) => Err(error.context("what was written has been taken back, because this failed")),
            Err(undo) => Err(anyhow!("{undo:#}; this is why it had to be taken back: {error:#}")),
        }
    }

    fn restore(self) -> Result<()> {
        for path in self.made {
            removed(&path).with_context(|| format!("remove {} yourself", path.display()))?;
        }
        for (path, text) in self.files {
            back(&path, text.as_deref())
                .with_context(|| format!("undo what changed in {} yourself", path.display()))?;
        }
        Ok(())
    }
}

fn present(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

/// Touches nothing that is as it was: cargo looks at the times.
fn back(path: &Path, text: Option<&[u8]>) -> Result<()> {
    match text {
        Some(text) if present(path)?.as_deref() != Some(text) => Ok(fs::write(path, text)?),
        Some(_) => Ok(()),
        None => removed(path),
    }
}

fn removed(path: &Path) -> Result<()> {
    let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match gone {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;
    use crate::workspace;

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let folder = workspace::root().join("target/tools/test-before");
        removed(&folder).unwrap();
        fs::create_dir_all(&folder).unwrap();
        let [changed, generated, made] = ["changed", "generated", "made"].map(|name| folder.join(name));
        fs::write(&changed, "old").unwrap();
        let write = || {
            fs::create_dir(&made).unwrap();
            for file in [&changed, &generated, &made.join("mod.rs")] {
                fs::write(file, "new").unwrap();
            }
        };
        let before = || Before::of(vec![changed.clone(), generated.clone()], vec![made.clone()]).unwrap();
        let kept = before();
        write();
        let failed = || bail!("it doesn't compile");
        let error = format!("{:#}", kept.unless(failed()).unwrap_err());
        assert!(error.contains("taken back") && error.ends_with("it doesn't compile"), "{error}");
        assert_eq!(fs::read(&changed).unwrap(), b"old");
        assert!(!generated.exists() && !made.exists());

        let kept = before();
        write();
        kept.unless(Ok(())).unwrap();
        assert_eq!(fs::read(&changed).unwrap(), b"new");
        assert!(generated.exists() && made.join("mod.rs").exists());
        removed(&folder).unwrap();
    }
}
