//! A signing key for development, made once and kept beside the data.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::config::Secret;

/// Reads the key, or makes one that only this user may read.
pub fn read_or_make(folder: &Path) -> io::Result<Secret> {
    let path = folder.join("development.key");
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= 32 => Ok(Secret::new(text.trim())),
        Ok(_) => Err(io::Error::other(format!("{} is too short for a key; delete it", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 48];
            rand::fill(&mut bytes);
            let text = STANDARD.encode(bytes);
            fs::create_dir_all(folder)?;
            write_private(&path, &text)?;
            Ok(Secret::new(text))
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)
}
