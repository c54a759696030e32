//! The project's own files.

use std::{fs, path::Path};

use super::source::{Source, Sources};

/// Other people's code, patched: it keeps to their style, so that the difference stays small.
const THEIRS: &str = "/vendor";

/// Every text file that is ours and isn't ignored. Not asked of git: a copy without a history is judged as well.
pub fn project() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(root.join(".gitignore")).expect(".gitignore can be read");
    let ignored: Vec<&str> = ignored.lines().chain([".git", THEIRS]).collect();
    let mut sources = Vec::new();
    walk(root, "", &ignored, &mut sources);
    Sources::new(sources)
}

fn walk(folder: &Path, prefix: &str, ignored: &[&str], into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let entry = entry.expect("a folder can be listed");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = format!("{prefix}{name}");
        if ignored.iter().any(|ignored| *ignored == name || ignored.strip_prefix('/') == Some(&path)) {
            continue;
        }
        if entry.file_type().expect("an entry has a type").is_dir() {
            walk(&entry.path(), &format!("{path}/"), ignored, into);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            into.push(Source::new(path, text));
        }
    }
}
