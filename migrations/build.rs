//! Lists the migrations: every `src/m0000_name.rs`, in the order of its number.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo:rerun-if-changed=src");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src");
    let (mut modules, mut list) = (String::new(), String::new());
    let mut last = String::new();
    for path in migrations(&folder) {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let number = name.split('_').next().unwrap_or_default().to_owned();
        assert!(number != last, "two migrations have the number {number}: renumber the one that came later");
        modules += &format!("#[path = {path:?}]\nmod {name};\n");
        list += &format!("Box::new({name}::Migration), ");
        last = number;
    }
    let text = format!("{modules}\nfn all() -> Vec<Box<dyn MigrationTrait>> {{\n    vec![{list}]\n}}\n");
    let place = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("all.rs");
    fs::write(place, text).expect("the build's own folder can be written");
}

fn migrations(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the sources are there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| is_migration(path))
        .collect();
    paths.sort();
    paths
}

fn is_migration(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = name.strip_prefix('m').and_then(|rest| rest.split('_').next()).unwrap_or_default();
    name.ends_with(".rs") && number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit())
}
